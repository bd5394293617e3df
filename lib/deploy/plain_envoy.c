/* Envoy without a control plane: its configuration file. */
#include <string.h>

#include "base/mem.h"
#include "deploy/envoy.h"
#include "deploy/target.h"

static const char *const parts[] = {"bootstrap", "filter", NULL};
static const uint32_t idle[] = {0, CHOICE(TO) | CHOICE(PORT)};

static int check(const struct deployment *wanted, struct err *err)
{
    bool url = wanted->code.place == DEPLOY_URL;
    if (url && wanted->code.unpinned)
        return err_set(err, ERR_USAGE, "--no-pin: Envoy fetches no module without its digest");
    if (url && wanted->code.size > GATEWAY_SERVED_MAX)
        return err_set(
            err, ERR_USAGE,
            "--url: the module has %lld bytes, and Envoy fetches at most %lld (its limit "
            "for a buffered response): put the file on Envoy's machine, and give --path",
            wanted->code.size, GATEWAY_SERVED_MAX);
    if (wanted->plugin == DEPLOY_NETWORK && !wanted->upstream &&
        strcmp(wanted->part, "filter") != 0)
        return err_set(
            err, ERR_USAGE,
            "--type network: such a filter needs a server behind it: name one with --to");
    return 0;
}

static int write_filter(const struct deployment *wanted, struct deploy_documents *out)
{
    struct json_t *filter = json_new_obj();
    deploy_text(filter, "name", wanted->name);
    json_put(filter, "typed_config", envoy_typed_config(wanted, wanted->version, "wasm-code"));
    struct json_t *list = json_new_arr();
    json_append(list, filter);
    deploy_add(out,
               mem_dup(wanted->plugin == DEPLOY_NETWORK ? "in filters, before the last one"
                                                        : "in http_filters, before the router"),
               list);
    return 0;
}

static int write_envoy(const struct deployment *wanted, struct deploy_documents *out,
                       struct err *err)
{
    struct json_t *document = NULL;
    if (strcmp(wanted->part, "filter") == 0)
        return write_filter(wanted, out);
    const struct envoy_bootstrap bootstrap = {
        .filters = wanted,
        .filter_count = 1,
        .version = wanted->version,
        .address = "0.0.0.0",
        .port = wanted->port,
        .upstream = wanted->upstream,
    };
    int rc = envoy_bootstrap(&bootstrap, &document, err);
    if (!rc)
        deploy_add(out, NULL, document);
    return rc;
}

const struct deploy_target target_envoy = {
    .name = "envoy",
    .title = "Envoy's configuration",
    .host = "envoy",
    .gateway = GATEWAY_COUNT,
    .places = 1 << DEPLOY_FILE | 1 << DEPLOY_URL,
    .elsewhere = "pull it (`wasme pull`) and name store:REF, or serve it (`wasme serve`) and give "
                 "its address with --url",
    .takes = CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(FAIL_OPEN) | CHOICE(FAIL_RELOAD) |
             CHOICE(ENV) | CHOICE(PLUGIN) | CHOICE(TO) | CHOICE(PORT) | CHOICE(PART),
    .reload_since = ENVOY_FAILURE_POLICY,
    .config = CONFIG_TEXT,
    .parts = parts,
    .idle = idle,
    .check = check,
    .write = write_envoy,
    .apply = "envoy -c FILE; `envoy --mode validate -c FILE` loads and starts a local module first",
    .apply_part =
        "put the entry into the list that its comment names, and the host of a --url into a "
        "cluster with the name wasm-code, then start Envoy anew",
    .works = "Envoy's log shows \"wasm log {name}\" for each line of the filter",
    .undo = "remove the filter from the file, and start Envoy anew",
    .open =
        "FAIL_OPEN lets requests pass after the module has crashed: the request that crashes it "
        "is still answered with 503, and Envoy does not start with a module that does not load",
    .open_since = ENVOY_FAILURE_POLICY,
};
