#include "deploy/envoy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TYPE(name) "type.googleapis.com/" name

static const char manager_type[] =
    TYPE("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager");

static void put_type(struct json_t *object, const char *type)
{
    deploy_text(object, "@type", type);
}

/* --- One filter --- */

static void put_code(struct json_t *vm, const struct deploy_code *code, const char *cluster)
{
    struct json_t *where = deploy_object(vm, "code");
    if (code->place == DEPLOY_FILE) {
        deploy_text(deploy_object(where, "local"), "filename", code->address);
        return;
    }
    struct json_t *remote = deploy_object(where, "remote");
    struct json_t *uri = deploy_object(remote, "http_uri");
    deploy_text(uri, "uri", code->address);
    deploy_text(uri, "cluster", cluster);
    deploy_text(uri, "timeout", "30s");
    deploy_text(remote, "sha256", code->sha256 ? code->sha256 : "nil");
}

static void put_env(struct json_t *vm, const struct deployment *filter)
{
    if (!filter->env_count)
        return;
    struct json_t *env = deploy_object(vm, "environment_variables");
    struct json_t *keys = NULL, *values = NULL;
    for (size_t i = 0; i < filter->env_count; i++) {
        const struct deploy_env *one = &filter->env[i];
        if (one->value)
            deploy_text(values ? values : (values = deploy_object(env, "key_values")), one->name,
                        one->value);
        else
            json_append(keys ? keys : (keys = deploy_array(env, "host_env_keys")),
                        json_of_text(one->name));
    }
}

static void put_failure(struct json_t *config, enum deploy_failure failure, int version)
{
    static const char *const policies[] = {[DEPLOY_FAIL_CLOSED] = "FAIL_CLOSED",
                                           [DEPLOY_FAIL_OPEN] = "FAIL_OPEN",
                                           [DEPLOY_FAIL_RELOAD] = "FAIL_RELOAD"};
    if (version >= ENVOY_FAILURE_POLICY)
        deploy_text(config, "failure_policy", policies[failure]);
    else
        json_put(config, "fail_open", json_of_bool(failure == DEPLOY_FAIL_OPEN));
}

struct json_t *envoy_typed_config(const struct deployment *filter, int version, const char *cluster)
{
    struct json_t *typed = json_new_obj();
    put_type(typed, filter->plugin == DEPLOY_NETWORK
                        ? TYPE("envoy.extensions.filters.network.wasm.v3.Wasm")
                        : TYPE("envoy.extensions.filters.http.wasm.v3.Wasm"));
    struct json_t *config = deploy_object(typed, "config");
    deploy_text(config, "name", filter->name);
    deploy_text(config, "root_id", filter->root_id);
    put_failure(config, filter->failure, version);
    if (filter->config) {
        struct json_t *value = deploy_object(config, "configuration");
        put_type(value, TYPE("google.protobuf.StringValue"));
        deploy_text(value, "value", filter->config);
    }
    struct json_t *vm = deploy_object(config, "vm_config");
    deploy_text(vm, "vm_id", filter->name);
    deploy_text(vm, "runtime", "envoy.wasm.runtime.v8");
    put_code(vm, &filter->code, cluster);
    put_env(vm, filter);
    return typed;
}

/* --- Clusters --- */

static void put_socket(struct json_t *parent, const char *host, int port)
{
    struct json_t *socket = deploy_object(deploy_object(parent, "address"), "socket_address");
    deploy_text(socket, "address", host);
    json_put(socket, "port_value", json_of_int(port));
}

static bool is_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void put_tls(struct json_t *cluster, const char *host, const char *ca_file)
{
    struct json_t *socket = deploy_object(cluster, "transport_socket");
    deploy_text(socket, "name", "envoy.transport_sockets.tls");
    struct json_t *typed = deploy_object(socket, "typed_config");
    put_type(typed, TYPE("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"));
    bool name_less = is_address(host); /* RFC 6066, section 3: an address is no server name */
    if (!name_less)
        deploy_text(typed, "sni", host);
    struct json_t *context =
        deploy_object(deploy_object(typed, "common_tls_context"), "validation_context");
    deploy_text(deploy_object(context, "trusted_ca"), "filename",
                ca_file ? ca_file : "/etc/ssl/certs/ca-certificates.crt");
    struct json_t *name = deploy_item(deploy_array(context, "match_typed_subject_alt_names"));
    deploy_text(name, "san_type", name_less ? "IP_ADDRESS" : "DNS");
    deploy_text(deploy_object(name, "matcher"), "exact", host);
}

static void put_cluster(struct json_t *clusters, const struct deploy_host *host)
{
    struct json_t *cluster = deploy_item(clusters);
    deploy_text(cluster, "name", host->name);
    /* A logical host is one host with all its addresses, which are tried in turn; otherwise each
     * address is a host of its own, which gets requests whether it answers or not. */
    deploy_text(cluster, "type", host->any_family ? "LOGICAL_DNS" : "STRICT_DNS");
    deploy_text(cluster, "connect_timeout", "5s");
    if (host->any_family)
        deploy_text(cluster, "dns_lookup_family", "ALL");
    if (host->tls)
        put_tls(cluster, host->host, host->ca_file);
    struct json_t *load = deploy_object(cluster, "load_assignment");
    deploy_text(load, "cluster_name", host->name);
    struct json_t *endpoints =
        deploy_array(deploy_item(deploy_array(load, "endpoints")), "lb_endpoints");
    put_socket(deploy_object(deploy_item(endpoints), "endpoint"), host->host, host->port);
}

/* A URL with a login is not shown. */
static int bad_url(const char *url, const char *why, struct err *err)
{
    if (strchr(url, '@'))
        return err_set(err, ERR_USAGE, "the URL (with a \"@\", and not shown) is wrong: %s", why);
    return err_set(err, ERR_USAGE, "\"%.200s\" is no URL: %s; write it as http://HOST:PORT", url,
                   why);
}

/* RFC 3986, section 2: all other characters stand in a URL as %XX. */
static bool has_characters_of_url(const char *url)
{
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}", *at))
            return false;
    return true;
}

bool envoy_has_bad_percent(const char *text)
{
    for (const char *at = text; (at = strchr(at, '%')); at++)
        if (!isxdigit((unsigned char)at[1]) || !isxdigit((unsigned char)at[2]))
            return true;
    return false;
}

static bool is_host(const char *host, bool bracket)
{
    static const char of_names[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    unsigned char address[sizeof(struct in6_addr)];
    if (bracket)
        return inet_pton(AF_INET6, host, address) == 1;
    return *host && strlen(host) <= 253 && host[strspn(host, of_names)] == '\0';
}

/* Reads ":PORT" at the end of an authority; the rest is empty or that. */
static int read_port(const char *url, const char *text, struct deploy_host *out, struct err *err)
{
    if (!*text)
        return 0;
    char *end = NULL;
    long port = *text == ':' && isdigit((unsigned char)text[1]) ? strtol(text + 1, &end, 10) : 0;
    if (port < 1 || port > 65535 || *end)
        return bad_url(url, "the port is no number from 1 to 65535", err);
    out->port = (int)port;
    return 0;
}

int envoy_host_of_url(const char *url, struct deploy_host *out, char **owned, struct err *err)
{
    bool tls = strncmp(url, "https://", 8) == 0;
    if (!tls && strncmp(url, "http://", 7) != 0)
        return bad_url(url, "it begins with neither http:// nor https://", err);
    if (!has_characters_of_url(url))
        return bad_url(url, "it has a space or another character that is written as %XX", err);
    if (envoy_has_bad_percent(url))
        return bad_url(
            url, "it has a \"%\" without two hexadecimal digits, and \"%\" itself is %25", err);
    const char *start = url + (tls ? 8 : 7);
    AUTO_FREE char *authority = mem_dup_n(start, strcspn(start, "/?#"));
    if (strchr(authority, '@'))
        return err_set(
            err, ERR_USAGE,
            "the URL has a user or a password, which a manifest would show to everybody: "
            "leave them out");
    struct deploy_host host = {.port = tls ? 443 : 80, .tls = tls};
    bool bracket = *authority == '[';
    size_t len = bracket ? strcspn(authority, "]") : strcspn(authority, ":");
    if (len == 0 || (bracket && authority[len] != ']'))
        return bad_url(url, "it has no host", err);
    AUTO_FREE char *name = mem_dup_n(authority + bracket, len - bracket);
    if (!is_host(name, bracket))
        return bad_url(url, "its host is neither a name nor an address", err);
    int rc = read_port(url, authority + len + bracket, &host, err);
    if (rc)
        return rc;
    *owned = STEAL(name);
    host.host = *owned;
    *out = host;
    return 0;
}

int envoy_server_of_url(const char *url, struct deploy_host *out, char **owned, struct err *err)
{
    AUTO_FREE char *host = NULL;
    struct deploy_host server = {0};
    int rc = envoy_host_of_url(url, &server, &host, err);
    if (rc)
        return rc;
    const char *rest = strstr(url, "://") + 3;
    rest += strcspn(rest, "/?#");
    if (*rest && strcmp(rest, "/") != 0)
        return err_set(err, ERR_USAGE,
                       "\"%.200s\" has a path, and requests go to the server with their own: leave "
                       "\"%.100s\" out",
                       url, rest);
    *owned = STEAL(host);
    *out = server;
    return 0;
}

/* The cluster that fetches the module of filter number `at`. */
static char *code_cluster(const struct envoy_bootstrap *wanted, size_t at)
{
    return wanted->filter_count == 1 ? mem_dup("wasm-code") : mem_printf("wasm-code-%zu", at + 1);
}

static int put_clusters(const struct envoy_bootstrap *wanted, struct json_t *resources,
                        struct err *err)
{
    struct json_t *clusters = deploy_array(resources, "clusters");
    if (wanted->upstream)
        put_cluster(clusters, wanted->upstream);
    for (size_t i = 0; i < wanted->cluster_count; i++)
        put_cluster(clusters, &wanted->clusters[i]);
    for (size_t i = 0; i < wanted->filter_count; i++) {
        if (wanted->filters[i].code.place != DEPLOY_URL)
            continue;
        struct deploy_host host = {0};
        AUTO_FREE char *name = code_cluster(wanted, i);
        AUTO_FREE char *owned = NULL;
        int rc = envoy_host_of_url(wanted->filters[i].code.address, &host, &owned, err);
        if (rc)
            return rc;
        host.name = name;
        put_cluster(clusters, &host);
    }
    return 0;
}

/* --- The listener --- */

static void put_filters(const struct envoy_bootstrap *wanted, struct json_t *filters)
{
    for (size_t i = 0; i < wanted->filter_count; i++) {
        AUTO_FREE char *cluster = code_cluster(wanted, i);
        struct json_t *filter = deploy_item(filters);
        deploy_text(filter, "name", wanted->filters[i].name);
        json_put(filter, "typed_config",
                 envoy_typed_config(&wanted->filters[i], wanted->version, cluster));
    }
}

static void put_route(const struct envoy_bootstrap *wanted, struct json_t *manager)
{
    struct json_t *hosts = deploy_array(deploy_object(manager, "route_config"), "virtual_hosts");
    struct json_t *host = deploy_item(hosts);
    deploy_text(host, "name", "all");
    json_append(deploy_array(host, "domains"), json_of_text("*"));
    struct json_t *route = deploy_item(deploy_array(host, "routes"));
    deploy_text(deploy_object(route, "match"), "prefix", "/");
    if (!wanted->upstream) {
        struct json_t *direct = deploy_object(route, "direct_response");
        json_put(direct, "status", json_of_int(200));
        deploy_text(deploy_object(direct, "body"), "inline_string", "hello from Envoy\n");
        return;
    }
    struct json_t *to = deploy_object(route, "route");
    deploy_text(to, "cluster", wanted->upstream->name);
    if (wanted->upstream->tls)
        deploy_text(to, "host_rewrite_literal", wanted->upstream->host);
}

static void put_http(const struct envoy_bootstrap *wanted, struct json_t *filters)
{
    struct json_t *filter = deploy_item(filters);
    deploy_text(filter, "name", "envoy.filters.network.http_connection_manager");
    struct json_t *manager = deploy_object(filter, "typed_config");
    put_type(manager, manager_type);
    deploy_text(manager, "stat_prefix", "edge");
    put_route(wanted, manager);
    struct json_t *http_filters = deploy_array(manager, "http_filters");
    put_filters(wanted, http_filters);
    struct json_t *router = deploy_item(http_filters);
    deploy_text(router, "name", "envoy.filters.http.router");
    put_type(deploy_object(router, "typed_config"),
             TYPE("envoy.extensions.filters.http.router.v3.Router"));
}

static void put_tcp(const struct envoy_bootstrap *wanted, struct json_t *filters)
{
    put_filters(wanted, filters);
    struct json_t *proxy = deploy_item(filters);
    deploy_text(proxy, "name", "envoy.filters.network.tcp_proxy");
    struct json_t *typed = deploy_object(proxy, "typed_config");
    put_type(typed, TYPE("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"));
    deploy_text(typed, "stat_prefix", "edge");
    deploy_text(typed, "cluster", wanted->upstream->name);
}

int envoy_bootstrap(const struct envoy_bootstrap *wanted, struct json_t **out, struct err *err)
{
    bool network = wanted->filter_count && wanted->filters[0].plugin == DEPLOY_NETWORK;
    if (network && !wanted->upstream)
        return err_set(err, ERR_USAGE,
                       "a network filter needs a server behind it: name one with --to");
    AUTO(json_doc_free_at) struct json_t *doc = json_new_obj();
    struct json_t *resources = deploy_object(doc, "static_resources");
    struct json_t *listener = deploy_item(deploy_array(resources, "listeners"));
    deploy_text(listener, "name", "edge");
    put_socket(listener, wanted->address, wanted->port);
    struct json_t *filters =
        deploy_array(deploy_item(deploy_array(listener, "filter_chains")), "filters");
    if (network)
        put_tcp(wanted, filters);
    else
        put_http(wanted, filters);
    int rc = put_clusters(wanted, resources, err);
    if (rc)
        return rc;
    *out = STEAL(doc);
    return 0;
}
