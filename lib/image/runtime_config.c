#include "image/runtime_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"

static void list_add(struct text_list *list, const char *text)
{
    list->items = mem_resize(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = mem_dup(text);
}

static void list_release(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static int read_list(const struct json_t *json, const char *name, struct text_list *out,
                     struct err *err)
{
    if (!json_is_arr(json))
        return err_set(err, ERR_DAMAGED, "\"%s\" is not a list", name);
    if (out->present)
        return err_set(err, ERR_DAMAGED, "\"%s\" is given in both of its spellings", name);
    out->present = true;
    for (size_t i = 0; i < json_arr_len(json); i++) {
        const char *text = json_text(json_arr_at(json, i));
        if (!text)
            return err_set(err, ERR_DAMAGED, "\"%s\" has an item that is not a text", name);
        list_add(out, text);
    }
    return 0;
}

struct reading {
    struct runtime_config *config;
    struct err *err;
};

static bool is_one_of(const char *key, const char *camel, const char *snake)
{
    return strcmp(key, camel) == 0 || strcmp(key, snake) == 0;
}

static int read_inner(void *arg, const char *key, const struct json_t *value)
{
    struct reading *reading = arg;
    if (is_one_of(key, "rootIds", "root_ids"))
        return read_list(value, key, &reading->config->root_ids, reading->err);
    return err_set(reading->err, ERR_DAMAGED, "unknown key \"%s\" in \"config\" (rootIds is known)",
                   key);
}

static int read_member(void *arg, const char *key, const struct json_t *value)
{
    struct reading *reading = arg;
    struct runtime_config *config = reading->config;
    if (strcmp(key, "type") == 0) {
        const char *text = json_text(value);
        if (!text)
            return err_set(reading->err, ERR_DAMAGED, "\"type\" is not a text");
        free(config->type);
        config->type = mem_dup(text);
        return 0;
    }
    if (is_one_of(key, "abiVersions", "abi_versions"))
        return read_list(value, key, &config->abi_versions, reading->err);
    if (strcmp(key, "config") == 0) {
        if (!json_is_obj(value))
            return err_set(reading->err, ERR_DAMAGED, "\"config\" is not an object");
        config->has_config = true;
        return json_each_member(value, read_inner, reading);
    }
    return err_set(reading->err, ERR_DAMAGED,
                   "unknown key \"%s\" (type, abiVersions and config are known)", key);
}

int runtime_config_parse(const char *text, size_t len, struct runtime_config *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc, err);
    if (rc)
        return rc;
    if (!json_is_obj(doc))
        return err_set(err, ERR_DAMAGED, "not a JSON object");
    AUTO(runtime_config_release) struct runtime_config config = {0};
    struct reading reading = {&config, err};
    rc = json_each_member(doc, read_member, &reading);
    if (rc)
        return rc;
    *out = config;
    config = (struct runtime_config){0};
    return 0;
}

void runtime_config_make(struct runtime_config *out, const char *const *abi_versions, size_t count)
{
    *out = (struct runtime_config){.type = mem_dup("envoy_proxy")};
    out->abi_versions.present = true;
    for (size_t i = 0; i < count; i++)
        list_add(&out->abi_versions, abi_versions[i]);
}

static void write_list(const char *name, const struct text_list *list, struct buf *out)
{
    if (!list->present)
        return;
    json_key(out, name);
    json_begin_array(out);
    for (size_t i = 0; i < list->count; i++)
        json_put_text(out, list->items[i]);
    json_end_array(out);
}

void runtime_config_write(const struct runtime_config *config, struct buf *out)
{
    json_begin_object(out);
    json_put_pair_if(out, "type", config->type);
    write_list("abiVersions", &config->abi_versions, out);
    if (config->has_config) {
        json_key(out, "config");
        json_begin_object(out);
        write_list("rootIds", &config->root_ids, out);
        json_end_object(out);
    }
    json_end_object(out);
}

void runtime_config_release(struct runtime_config *config)
{
    free(config->type);
    list_release(&config->abi_versions);
    list_release(&config->root_ids);
    *config = (struct runtime_config){0};
}
