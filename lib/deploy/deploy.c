#include "deploy/deploy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void deploy_add(struct deploy_documents *documents, char *title, struct json_t *value)
{
    documents->items =
        mem_resize(documents->items, documents->count + 1, sizeof(*documents->items));
    documents->items[documents->count++] = (struct deploy_document){title, value, NULL};
}

void deploy_documents_release(struct deploy_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++) {
        free(documents->items[i].title);
        json_doc_free_at(&documents->items[i].value);
    }
    free(documents->items);
    *documents = (struct deploy_documents){0};
}

char *deploy_file_name(const struct deployment *wanted)
{
    const char *slash = wanted->code.placed ? strrchr(wanted->code.address, '/') : NULL;
    if (!slash)
        return mem_dup(wanted->name);
    size_t len = strlen(slash + 1);
    bool ends = len > 5 && strcmp(slash + 1 + len - 5, ".wasm") == 0;
    return mem_dup_n(slash + 1, ends ? len - 5 : len);
}

static int find_unsuited(void *arg, const char *key, const struct json_t *value)
{
    (void)arg;
    (void)key;
    return !deploy_suits_lua(value);
}

bool deploy_suits_lua(const struct json_t *value)
{
    AUTO(buf_release) struct buf number = BUF_INIT(64);
    size_t len = json_arr_len(value), digits = 0;
    if (json_is_nul(value) || (json_is_arr(value) && len == 0) ||
        json_each_member(value, find_unsuited, NULL))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!deploy_suits_lua(json_arr_at(value, i)))
            return false;
    if (json_scalar(value, &number))
        for (size_t i = 0; i < number.len && number.data[i] != 'e'; i++)
            digits += isdigit((unsigned char)number.data[i]) != 0;
    return digits <= 14;
}

void deploy_text(struct json_t *object, const char *key, const char *text)
{
    if (text)
        json_put(object, key, json_of_text(text));
}

struct json_t *deploy_object(struct json_t *object, const char *key)
{
    struct json_t *member = json_new_obj();
    json_put(object, key, member);
    return member;
}

struct json_t *deploy_array(struct json_t *object, const char *key)
{
    struct json_t *member = json_new_arr();
    json_put(object, key, member);
    return member;
}

struct json_t *deploy_item(struct json_t *array)
{
    struct json_t *item = json_new_obj();
    json_append(array, item);
    return item;
}
