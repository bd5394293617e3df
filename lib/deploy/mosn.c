/*
 * MOSN: its JSON configuration (mosn/mosn, pkg/config/v2/wasm.go and
 * pkg/filter/stream/proxywasm/factory.go).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "deploy/target.h"

static const char *const parts[] = {"config", "filter", NULL};
static const uint32_t idle[] = {0, CHOICE(TO) | CHOICE(PORT)};

/* The names that MOSN reads itself; all others become the configuration of the filter. */
static bool is_of_mosn(const char *key)
{
    static const char *const names[] = {"from_wasm_plugin", "vm_config", "instance_num",
                                        "root_context_id"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(key, names[i]) == 0)
            return true;
    return false;
}

static int check_member(void *arg, const char *key, const struct json_t *value)
{
    (void)value;
    return is_of_mosn(key) ? err_set(arg, ERR_USAGE,
                                     "--config: MOSN reads \"%s\" itself: the filter would not get "
                                     "it",
                                     key)
                           : 0;
}

static int check(const struct deployment *wanted, struct err *err)
{
    const char *root = wanted->root_id;
    if (root && (strspn(root, "0123456789") != strlen(root) || strlen(root) > 9 || !*root))
        return err_set(err, ERR_USAGE,
                       "--root-id \"%.100s\": MOSN's root_context_id is a number: give one with "
                       "--root-id, 1 is the usual",
                       root);
    if (wanted->upstream && wanted->upstream->tls)
        return err_set(err, ERR_USAGE,
                       "--to: an upstream of http:// alone can be written for MOSN");
    return wanted->config ? json_each_member(wanted->config_json, check_member, err) : 0;
}

static int copy_member(void *arg, const char *key, const struct json_t *value)
{
    json_put(arg, key, json_copy_of(value));
    return 0;
}

static void put_stream_filter(struct json_t *filter, const struct deployment *wanted)
{
    deploy_text(filter, "type", "proxywasm");
    struct json_t *config = deploy_object(filter, "config");
    deploy_text(config, "from_wasm_plugin", wanted->name);
    json_put(config, "root_context_id",
             json_of_int(wanted->root_id ? strtol(wanted->root_id, NULL, 10) : 1));
    if (wanted->config)
        (void)json_each_member(wanted->config_json, copy_member, config);
}

/* The engine has no default, and the released programs have wazero. */
static void put_plugin(struct json_t *plugins, const struct deployment *wanted)
{
    struct json_t *plugin = deploy_item(plugins);
    deploy_text(plugin, "plugin_name", wanted->name);
    struct json_t *vm = deploy_object(plugin, "vm_config");
    deploy_text(vm, "engine", "wazero");
    deploy_text(vm, "path", wanted->code.address);
    deploy_text(vm, "md5", wanted->code.md5);
}

static void put_routers(struct json_t *server, const struct deployment *wanted)
{
    struct json_t *router = deploy_item(deploy_array(server, "routers"));
    deploy_text(router, "router_config_name", "edge_router");
    struct json_t *host = deploy_item(deploy_array(router, "virtual_hosts"));
    deploy_text(host, "name", "all");
    json_append(deploy_array(host, "domains"), json_of_text("*"));
    struct json_t *route = deploy_item(deploy_array(host, "routers"));
    deploy_text(deploy_object(route, "match"), "prefix", "/");
    if (wanted->upstream) {
        deploy_text(deploy_object(route, "route"), "cluster_name", wanted->upstream->name);
        return;
    }
    struct json_t *direct = deploy_object(route, "direct_response");
    json_put(direct, "status", json_of_int(200));
    deploy_text(direct, "body", "hello from MOSN\n");
}

static void put_listener(struct json_t *server, const struct deployment *wanted)
{
    struct json_t *listener = deploy_item(deploy_array(server, "listeners"));
    AUTO_FREE char *address = mem_printf("0.0.0.0:%d", wanted->port);
    deploy_text(listener, "name", "edge");
    deploy_text(listener, "address", address);
    json_put(listener, "bind_port", json_of_bool(true));
    struct json_t *chain = deploy_item(deploy_array(listener, "filter_chains"));
    struct json_t *proxy = deploy_item(deploy_array(chain, "filters"));
    deploy_text(proxy, "type", "proxy");
    struct json_t *config = deploy_object(proxy, "config");
    deploy_text(config, "downstream_protocol", "Http1");
    deploy_text(config, "upstream_protocol", "Http1");
    deploy_text(config, "router_config_name", "edge_router");
    put_stream_filter(deploy_item(deploy_array(listener, "stream_filters")), wanted);
}

static void put_cluster(struct json_t *document, const struct deploy_host *upstream)
{
    struct json_t *clusters = deploy_array(deploy_object(document, "cluster_manager"), "clusters");
    if (!upstream)
        return;
    bool v6 = strchr(upstream->host, ':');
    AUTO_FREE char *address =
        mem_printf("%s%s%s:%d", v6 ? "[" : "", upstream->host, v6 ? "]" : "", upstream->port);
    struct json_t *cluster = deploy_item(clusters);
    deploy_text(cluster, "name", upstream->name);
    deploy_text(cluster, "type", "SIMPLE");
    deploy_text(cluster, "lb_type", "LB_RANDOM");
    deploy_text(deploy_item(deploy_array(cluster, "hosts")), "address", address);
}

static int write_mosn(const struct deployment *wanted, struct deploy_documents *out,
                      struct err *err)
{
    (void)err;
    struct json_t *document = json_new_obj();
    deploy_add(out, NULL, document);
    out->json = true;
    if (strcmp(wanted->part, "filter") == 0) {
        put_stream_filter(deploy_item(deploy_array(document, "stream_filters")), wanted);
    } else {
        struct json_t *server = deploy_item(deploy_array(document, "servers"));
        deploy_text(server, "default_log_path", "stdout");
        deploy_text(server, "default_log_level", "INFO");
        put_routers(server, wanted);
        put_listener(server, wanted);
        put_cluster(document, wanted->upstream);
    }
    put_plugin(deploy_array(document, "wasm_global_plugins"), wanted);
    return 0;
}

static const char *const why[] = {
    "--fail-open", "MOSN has no such setting: leave the option out",
    "--priority",  "MOSN runs stream filters in the order of its file: leave the option out",
    NULL,
};

const struct deploy_target target_mosn = {
    .name = "mosn",
    .title = "MOSN's configuration",
    .host = "mosn",
    .gateway = GATEWAY_COUNT,
    .places = 1 << DEPLOY_FILE,
    .elsewhere = "MOSN reads a file: pull the image (`wasme pull`) and name store:REF, or give the "
                 "file's place on MOSN's machine with --path",
    .takes = CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(TO) | CHOICE(PORT) | CHOICE(PART),
    .why = why,
    .config = CONFIG_TEXTS,
    .parts = parts,
    .idle = idle,
    .check = check,
    .write = write_mosn,
    .apply = "mosn start -c FILE",
    .apply_part = "put stream_filters into the listener, beside its filter_chains, and "
                  "wasm_global_plugins at the top of MOSN's file, then start MOSN anew",
    .works = "MOSN's log says \"AddOrUpdateWasm add new wasm plugin: {name}\"",
    .undo = "remove both parts from the file, and start MOSN anew",
};
