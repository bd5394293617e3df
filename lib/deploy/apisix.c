/*
 * APISIX: the list of plugins in conf/config.yaml, and a route that uses one (apache/apisix,
 * docs/en/latest/wasm.md, apisix/cli/schema.lua and apisix/wasm.lua).
 */
#include <string.h>

#include "base/mem.h"
#include "deploy/target.h"

/* A plugin has to have a priority. Those of APISIX's own plugins are between -4000 and 24000. */
enum { PRIORITY_STANDARD = 1000 };

/* APISIX's own plugins (apisix/cli/config.lua), each between spaces. */
static const char own_plugins[] =
    " ai ai-aliyun-content-moderation ai-aws-content-moderation ai-prompt-decorator"
    " ai-prompt-guard ai-prompt-template ai-proxy ai-proxy-multi ai-rag ai-rate-limiting"
    " ai-request-rewrite api-breaker attach-consumer-label authz-casbin authz-casdoor"
    " authz-keycloak aws-lambda azure-functions basic-auth body-transformer cas-auth"
    " chaitin-waf clickhouse-logger client-control consumer-restriction cors csrf datadog"
    " degraphql dubbo-proxy echo elasticsearch-logger etcd-logger example-plugin"
    " ext-plugin-post-req ext-plugin-post-resp ext-plugin-pre-req fault-injection"
    " file-logger forward-auth google-cloud-logging grpc-transcode grpc-web gzip hmac-auth"
    " http-dubbo http-logger inspect ip-restriction jwe-decrypt jwt-auth kafka-logger"
    " kafka-proxy key-auth lago ldap-auth limit-conn limit-count limit-req log-rotate"
    " loggly loki-logger mcp-bridge mocking mqtt-proxy multi-auth node-status opa"
    " openfunction openid-connect opentelemetry openwhisk prometheus proxy-cache"
    " proxy-control proxy-mirror proxy-rewrite public-api real-ip redirect"
    " referer-restriction request-id request-validation response-rewrite rocketmq-logger"
    " server-info serverless-post-function serverless-pre-function skywalking"
    " skywalking-logger sls-logger splunk-hec-logging syslog tcp-logger tencent-cloud-cls"
    " traffic-split ua-restriction udp-logger uri-blocker wolf-rbac workflow zipkin ";
enum { ID_MAX = 64 }; /* of a route, apisix/schema_def.lua */

static const char *const phases[] = {"access", "rewrite", NULL};
static const char *const parts[] = {"all", "config", "route", NULL};
static const uint32_t idle[] = {0, CHOICE(TO), CHOICE(PHASE) | CHOICE(PRIORITY)};

static int check(const struct deployment *wanted, struct err *err)
{
    AUTO_FREE char *word = mem_printf(" %s ", wanted->name);
    if (strstr(own_plugins, word))
        return err_set(err, ERR_USAGE,
                       "--name \"%s\": APISIX has a plugin of its own with that name: give another",
                       wanted->name);
    if (strlen(wanted->name) > ID_MAX)
        return err_set(err, ERR_USAGE,
                       "--name: APISIX takes at most %d characters for the id of a route: give "
                       "another",
                       ID_MAX);
    if (strcmp(wanted->part, "config") != 0 && (!wanted->config || !*wanted->config))
        return err_set(
            err, ERR_USAGE,
            "--config: APISIX runs no plugin without a configuration: give one, a filter "
            "that reads none takes --config '{}'");
    return 0;
}

static struct json_t *make_config(const struct deployment *wanted)
{
    struct json_t *document = json_new_obj();
    struct json_t *plugin = deploy_item(deploy_array(deploy_object(document, "wasm"), "plugins"));
    deploy_text(plugin, "name", wanted->name);
    json_put(plugin, "priority",
             json_of_int(wanted->has_priority ? wanted->priority : PRIORITY_STANDARD));
    deploy_text(plugin, "file", wanted->code.address);
    deploy_text(plugin, "http_request_phase", wanted->phase ? wanted->phase : "access");
    return document;
}

static bool has_members(const struct json_t *value)
{
    AUTO(buf_release) struct buf text = BUF_INIT(4);
    if (!json_is_obj(value))
        return false;
    json_dump(value, &text);
    return buf_overflowed(&text); /* more than "{}" and a line end */
}

static struct json_t *make_route(const struct deployment *wanted)
{
    struct json_t *document = json_new_obj();
    struct json_t *route = deploy_item(deploy_array(document, "routes"));
    deploy_text(route, "id", wanted->name);
    deploy_text(route, "uri", "/*");
    struct json_t *plugin = deploy_object(deploy_object(route, "plugins"), wanted->name);
    if (has_members(wanted->config_json) && deploy_suits_lua(wanted->config_json))
        json_put(plugin, "conf", json_copy_of(wanted->config_json));
    else
        deploy_text(plugin, "conf", wanted->config);
    if (!wanted->upstream)
        return document;
    bool v6 = strchr(wanted->upstream->host, ':');
    AUTO_FREE char *node = mem_printf("%s%s%s:%d", v6 ? "[" : "", wanted->upstream->host,
                                      v6 ? "]" : "", wanted->upstream->port);
    struct json_t *upstream = deploy_object(route, "upstream");
    deploy_text(upstream, "type", "roundrobin");
    deploy_text(upstream, "scheme", wanted->upstream->tls ? "https" : "http");
    json_put(deploy_object(upstream, "nodes"), node, json_of_int(1));
    return document;
}

/* Without the last line, APISIX takes conf/apisix.yaml for a file that is still being written
 * (apisix/core/config_yaml.lua). */
static void add_route(const struct deployment *wanted, struct deploy_documents *out)
{
    deploy_add(out, mem_dup("conf/apisix.yaml; the Admin API takes the entry of routes as JSON"),
               make_route(wanted));
    out->items[out->count - 1].end = "#END";
}

static int write_apisix(const struct deployment *wanted, struct deploy_documents *out,
                        struct err *err)
{
    (void)err;
    if (strcmp(wanted->part, "route") != 0)
        deploy_add(out, mem_dup("conf/config.yaml"), make_config(wanted));
    if (strcmp(wanted->part, "config") != 0)
        add_route(wanted, out);
    return 0;
}

static const char *const why[] = {
    "--root-id",   "APISIX gives filters no root id: leave the option out",
    "--fail-open", "APISIX has no such setting: leave the option out",
    NULL,
};

const struct deploy_target target_apisix = {
    .name = "apisix",
    .title = "APISIX's configuration",
    .host = "apisix",
    .gateway = GATEWAY_COUNT,
    .places = 1 << DEPLOY_FILE,
    .elsewhere = "APISIX reads a file: pull the image (`wasme pull`) and name store:REF, or give "
                 "the file's place on APISIX's machine with --path",
    .takes = CHOICE(CONFIG) | CHOICE(PHASE) | CHOICE(PRIORITY) | CHOICE(TO) | CHOICE(PART),
    .why = why,
    .phases = phases,
    .config = CONFIG_TEXT_OR_OBJECT,
    .parts = parts,
    .idle = idle,
    .check = check,
    .write = write_apisix,
    .apply =
        "put the first part into conf/config.yaml and restart APISIX; the second part is "
        "conf/apisix.yaml, or its route goes to the Admin API (PUT /apisix/admin/routes/{name}, "
        "as JSON)",
    .apply_part = "put the part into the file that its comment names, and restart APISIX for "
                  "conf/config.yaml; a route may go to the Admin API instead (PUT "
                  "/apisix/admin/routes/{name}, as JSON)",
    .works = "logs/error.log is silent; a filter that fails answers 503",
    .undo = "remove the plugin from all routes first, since APISIX refuses routes with unknown "
            "plugins, then from conf/config.yaml, and restart APISIX",
};
