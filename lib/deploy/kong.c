/*
 * Kong Gateway 3.4 to 3.9: a filter chain for the Admin API, or for the declarative configuration
 * (Kong/kong, kong/db/schema/entities/filter_chains.lua).
 */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "deploy/target.h"

static const struct attach_kind attach_kinds[] = {
    {"Route", "", 0, NULL}, {"Service", "", 0, NULL}, {NULL, NULL, 0, NULL}};
static const char *const parts[] = {"chain", "declarative", NULL};

/* "NAME.wasm", where NAME is what Kong calls the filter (kong/runloop/wasm.lua). */
static bool has_filter_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    size_t len = strlen(file);
    return len > 5 && strcmp(file + len - 5, ".wasm") == 0;
}

/* kong/db/schema/typedefs.lua, validate_utf8_name; names beyond ASCII are not taken here. */
static bool is_name(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(".-_~", *text))
            return false;
    return true;
}

static int check(const struct deployment *wanted, struct err *err)
{
    if (wanted->code.placed && !has_filter_name(wanted->code.address))
        return err_set(err, ERR_USAGE,
                       "--path %.200s: Kong takes files whose names end in .wasm: give it such a "
                       "name",
                       wanted->code.address);
    for (size_t i = 0; i < wanted->attach_count; i++)
        if (!is_name(wanted->attached[i].name))
            return err_set(err, ERR_USAGE,
                           "--target %s/%.200s: Kong's names have letters, digits, \".\", \"-\", "
                           "\"_\" and \"~\"",
                           wanted->attached[i].kind, wanted->attached[i].name);
    bool declarative = strcmp(wanted->part, "declarative") == 0;
    if (!declarative && wanted->upstream)
        return err_set(err, ERR_USAGE,
                       "--to: a filter chain has no upstream: give --part declarative");
    if (!declarative && wanted->attach_count != 1)
        return err_set(err, ERR_USAGE,
                       "--target: a filter chain belongs to one route or service: name it with "
                       "--target Route/NAME or --target Service/NAME");
    if (declarative && (wanted->attach_count || !wanted->upstream))
        return err_set(
            err, ERR_USAGE,
            "--part declarative: the file has a service and a route of its own: give the "
            "server behind them with --to, and no --target");
    return 0;
}

static void put_chain(struct json_t *chain, const struct deployment *wanted)
{
    deploy_text(chain, "name", wanted->name);
    json_put(chain, "enabled", json_of_bool(true));
    struct json_t *filter = deploy_item(deploy_array(chain, "filters"));
    /* Kong names a filter after its file (kong/runloop/wasm.lua). */
    AUTO_FREE char *file = deploy_file_name(wanted);
    deploy_text(filter, "name", file);
    json_put(filter, "enabled", json_of_bool(true));
    if (json_is_obj(wanted->config_json) && deploy_suits_lua(wanted->config_json))
        json_put(filter, "config", json_copy_of(wanted->config_json));
    else
        deploy_text(filter, "config", wanted->config);
}

static int write_declarative(const struct deployment *wanted, struct deploy_documents *out)
{
    struct json_t *document = json_new_obj();
    const struct deploy_host *to = wanted->upstream;
    deploy_add(out, NULL, document);
    deploy_text(document, "_format_version", "3.0");
    struct json_t *service = deploy_item(deploy_array(document, "services"));
    deploy_text(service, "name", wanted->name);
    deploy_text(service, "protocol", to->tls ? "https" : "http");
    deploy_text(service, "host", to->host);
    json_put(service, "port", json_of_int(to->port));
    struct json_t *route = deploy_item(deploy_array(service, "routes"));
    deploy_text(route, "name", wanted->name);
    json_append(deploy_array(route, "paths"), json_of_text("/"));
    put_chain(deploy_item(deploy_array(route, "filter_chains")), wanted);
    return 0;
}

static int write_kong(const struct deployment *wanted, struct deploy_documents *out,
                      struct err *err)
{
    (void)err;
    if (strcmp(wanted->part, "declarative") == 0)
        return write_declarative(wanted, out);
    struct json_t *chain = json_new_obj();
    out->json = true;
    deploy_add(out, NULL, chain);
    put_chain(chain, wanted);
    return 0;
}

static const char *const why[] = {
    "--root-id",  "Kong gives filters no root id: leave the option out",
    "--priority", "filters run in the order of their chain: leave the option out",
    NULL,
};

const struct deploy_target target_kong = {
    .name = "kong",
    .title = "a filter chain of Kong",
    .host = "kong",
    .gateway = GATEWAY_COUNT,
    .places = 1 << DEPLOY_FILE,
    .elsewhere = "Kong reads files: pull the image (`wasme pull`) and name store:REF, or give the "
                 "file's place on Kong's machine with --path",
    .takes = CHOICE(CONFIG) | CHOICE(TARGET) | CHOICE(TO) | CHOICE(PART),
    .why = why,
    .config = CONFIG_TEXT,
    .attach_kinds = attach_kinds,
    .attach_words = true,
    .parts = parts,
    .check = check,
    .write = write_kong,
    .apply =
        "put the module into the folder wasm_filters_path of kong.conf as {file}.wasm (with "
        "wasm = on), restart Kong, and POST the chain to /{attached}/filter-chains of the Admin "
        "API",
    .apply_part =
        "put the module into the folder wasm_filters_path of kong.conf as {file}.wasm (with wasm = "
        "on), and start Kong with declarative_config = FILE and database = off",
    .works = "`nginx -t` of Kong loads the module, and GET /filter-chains lists the chain",
    .undo = "DELETE /filter-chains/{name} of the Admin API, or take the chain out of the "
            "declarative file; then remove the file and restart Kong",
};
