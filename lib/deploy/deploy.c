#include "deploy/deploy.h"

#include <stdlib.h>

#include "base/mem.h"

void deploy_add(struct deploy_documents *documents, char *title, struct json_t *value)
{
    documents->items =
        mem_resize(documents->items, documents->count + 1, sizeof(*documents->items));
    documents->items[documents->count++] = (struct deploy_document){title, value};
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
