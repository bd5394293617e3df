/* Any texts as options of deploy: what the checks let pass is a manifest that reads as it was
 * meant. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/yaml.h"
#include "deploy/envoy.h"
#include "deploy/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct deploy_target *const targets[] = {
    &target_envoy,         &target_wasmplugin, &target_envoyfilter, &target_trafficextension,
    &target_higress,       &target_gloo,       &target_mosn,        &target_apisix,
    &target_envoy_gateway, &target_kong,
};

/* The texts of the input, with NULs between them; those that are missing are empty. */
enum { NAME, SPACE, ROOT_ID, CONFIG, ADDRESS, KEY, VALUE, ENV, ENV_VALUE, ATTACHED, SERVER, TEXTS };

static void same(const struct json_t *meant, const struct json_t *is);

static int same_member(void *arg, const char *key, const struct json_t *value)
{
    same(value, json_member(arg, key));
    return 0;
}

/* What was read has the scalars as texts. */
static void same(const struct json_t *meant, const struct json_t *is)
{
    AUTO(buf_release) struct buf scalar = BUF_INIT(64);
    if (!is || json_is_obj(meant) != json_is_obj(is) || json_is_arr(meant) != json_is_arr(is) ||
        json_arr_len(meant) != json_arr_len(is))
        abort();
    if (json_is_obj(meant)) {
        AUTO(json_doc_free_at) struct json_t *copy = json_copy_of(is);
        (void)json_each_member(meant, same_member, copy);
        return;
    }
    for (size_t i = 0; i < json_arr_len(meant); i++)
        same(json_arr_at(meant, i), json_arr_at(is, i));
    if (json_is_arr(meant))
        return;
    const char *text = json_scalar(meant, &scalar) ? buf_text(&scalar) : json_text(meant);
    if (strcmp(text, json_text(is)) != 0)
        abort();
}

static bool is_deep(const char *config)
{
    size_t depth = 0;
    for (; config && *config; config++)
        depth += *config == '[' || *config == '{';
    return depth > YAML_DEPTH_MAX / 2;
}

static void write(const struct deploy_target *target, const struct deployment *wanted)
{
    AUTO(deploy_documents_release) struct deploy_documents documents = {0};
    if (target->write(wanted, &documents, ERR_IGNORED) != 0 || is_deep(wanted->config))
        return;
    for (size_t i = 0; i < documents.count; i++) {
        AUTO(buf_release) struct buf text = BUF_INIT(1 << 24);
        AUTO(json_doc_free_at) struct json_t *read = NULL;
        if (yaml_write(documents.items[i].value, &text, ERR_IGNORED) != 0 ||
            yaml_read(buf_text(&text), text.len, &read, ERR_IGNORED) != 0)
            abort();
        same(documents.items[i].value, read);
    }
}

static void deploy(const struct deploy_target *target, struct deployment *wanted,
                   const char *const *texts)
{
    const struct deploy_label label = {texts[KEY], texts[VALUE]};
    const struct deploy_env env = {texts[ENV], *texts[ENV_VALUE] ? texts[ENV_VALUE] : NULL};
    const struct attach_kind *kind = target->attach_kinds;
    const struct deploy_attach attached = {kind ? kind->group : "", kind ? kind->kind : "",
                                           texts[ATTACHED]};
    struct deploy_host server = {0};
    AUTO_FREE char *host = NULL;
    wanted->labels = &label;
    wanted->label_count = *texts[KEY] && target->takes & CHOICE(SELECTOR);
    wanted->env = &env;
    wanted->env_count = *texts[ENV] && target->takes & CHOICE(ENV);
    wanted->attached = &attached;
    wanted->attach_count = *texts[ATTACHED] && target->takes & CHOICE(TARGET);
    if (target->takes & CHOICE(TO) &&
        envoy_server_of_url(texts[SERVER], &server, &host, ERR_IGNORED) == 0) {
        server.name = "upstream";
        wanted->upstream = &server;
    }
    if (target_check_choices(target, 0, wanted, ERR_IGNORED) == 0 &&
        target_check(target, wanted, ERR_IGNORED) == 0)
        write(target, wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char digest[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const char *texts[TEXTS];
    AUTO(json_doc_free_at) struct json_t *json = NULL;
    if (size < 2)
        return 0;
    AUTO_FREE char *copy = mem_dup_n((const char *)data + 2, size - 2);
    const char *at = copy, *end = copy + size - 2;
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i] = at;
        at += strlen(at);
        at += at < end;
    }
    const struct deploy_target *target = targets[data[0] % COUNT(targets)];
    struct deployment wanted = {
        .name = texts[NAME],
        .space = *texts[SPACE] ? texts[SPACE] : target->space,
        .code = {.place = data[1] % DEPLOY_PLACE_COUNT,
                 .address = texts[ADDRESS],
                 .sha256 = digest},
        .root_id = *texts[ROOT_ID] ? texts[ROOT_ID] : NULL,
        .config = *texts[CONFIG] ? texts[CONFIG] : NULL,
        .version = data[1] & 64 ? 140 : 125,
        .port = 10000,
        .part = target->parts ? target->parts[0] : NULL,
    };
    if (wanted.config &&
        json_doc_parse(texts[CONFIG], strlen(texts[CONFIG]), &json, ERR_IGNORED) == 0)
        wanted.config_json = json;
    deploy(target, &wanted, texts);
    return 0;
}
