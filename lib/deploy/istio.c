/*
 * Istio: WasmPlugin and TrafficExtension (istio.io/api, extensions/v1alpha1), and the pair of
 * patches in an EnvoyFilter (networking/v1alpha3).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "deploy/envoy.h"
#include "deploy/kubernetes.h"
#include "deploy/target.h"

/* The first Istio whose Envoy has the line 1.33, which knows failure_policy. */
enum { ISTIO_FAILURE_POLICY = 125, ISTIO_TRAFFIC_EXTENSION = 130, ISTIO_FAIL_RELOAD = 127 };

static const char gateway_group[] = "gateway.networking.k8s.io";
/* The first version whose schema has the kind. */
enum { GATEWAY_CLASS = 125 };

/* istio/istio, pkg/config/validation/validation.go, the kinds of targetRefs. */
static const struct attach_kind attach_kinds[] = {
    {"Gateway", gateway_group, 0, NULL},
    {"GatewayClass", gateway_group, GATEWAY_CLASS, NULL},
    {"Service", "", 0, NULL},
    {"ServiceEntry", "networking.istio.io", 0, NULL},
    {NULL, NULL, 0, NULL},
};

/* --- What the three kinds share --- */

static void put_labels(struct json_t *parent, const struct deployment *wanted)
{
    for (size_t i = 0; i < wanted->label_count; i++)
        deploy_text(parent, wanted->labels[i].key, wanted->labels[i].value);
}

static int check_choice(const struct deployment *wanted, struct err *err)
{
    if (wanted->label_count && wanted->attach_count)
        return err_set(err, ERR_USAGE,
                       "--selector and --target: Istio takes one of them; leave one out");
    for (size_t i = 0; i < wanted->label_count; i++)
        if (strchr(wanted->labels[i].value, '*'))
            return err_set(err, ERR_USAGE, "--selector: Istio takes no \"*\" in a label's value");
    if (wanted->label_count > 256)
        return err_set(err, ERR_USAGE, "--selector: Istio takes at most 256");
    if (wanted->attach_count > 16)
        return err_set(err, ERR_USAGE, "--target: Istio takes at most 16");
    return 0;
}

/* istio/api, the WasmPlugin's schema; and what the agent takes out of the variables
 * (istio/istio, pkg/wasm/convert.go). */
static int check_limits(const struct deployment *wanted, bool plugin, struct err *err)
{
    if (plugin && wanted->root_id && strlen(wanted->root_id) > 256)
        return err_set(err, ERR_USAGE,
                       "--root-id: Istio takes at most 256 bytes: use --kind envoyfilter");
    for (size_t i = 0; plugin && i < wanted->env_count; i++)
        if (wanted->env[i].value && strlen(wanted->env[i].value) > 2048)
            return err_set(err, ERR_USAGE,
                           "--env %s: Istio takes at most 2048 bytes for a value: use --kind "
                           "envoyfilter",
                           wanted->env[i].name);
    for (size_t i = 0; i < wanted->env_count; i++)
        if (strncmp(wanted->env[i].name, "ISTIO_META_", 11) == 0)
            return err_set(err, ERR_USAGE,
                           "--env %s: Istio keeps variables of this beginning from filters: give "
                           "another name",
                           wanted->env[i].name);
    return 0;
}

/* The field is a URL, which the API server and the webhook parse as Go does (net/url). */
static int check_file_url(const struct deploy_code *code, struct err *err)
{
    if (!code->placed)
        return 0;
    bool control = false;
    for (const char *at = code->address; *at; at++)
        control = control || (unsigned char)*at < ' ' || *at == 127;
    if (control || envoy_has_bad_percent(code->address))
        return err_set(
            err, ERR_USAGE,
            "--path \"%.200s\": Istio takes the path as a URL, which has no control "
            "characters, and no \"%%\" without two hexadecimal digits: rename the file, or "
            "use --kind envoyfilter",
            code->address);
    return 0;
}

static int check_plugin(const struct deployment *wanted, struct err *err)
{
    int rc = check_choice(wanted, err);
    rc = rc ? rc : check_limits(wanted, true, err);
    return rc ? rc : check_file_url(&wanted->code, err);
}

static int check_envoyfilter(const struct deployment *wanted, struct err *err)
{
    int rc = check_choice(wanted, err);
    return rc ? rc : check_limits(wanted, false, err);
}

static char *url_of(const struct deploy_code *code)
{
    static const char *const schemes[] = {
        [DEPLOY_IMAGE] = "oci://", [DEPLOY_URL] = "", [DEPLOY_FILE] = "file://"};
    return mem_printf("%s%s", schemes[code->place], code->address);
}

/* --- WasmPlugin and TrafficExtension --- */

/* The members that a WasmPlugin has in its spec, and a TrafficExtension in spec.wasm. */
static void put_plugin(struct json_t *parent, const struct deployment *wanted)
{
    static const char *const strategies[] = {[DEPLOY_FAIL_CLOSED] = "FAIL_CLOSE",
                                             [DEPLOY_FAIL_OPEN] = "FAIL_OPEN",
                                             [DEPLOY_FAIL_RELOAD] = "FAIL_RELOAD"};
    AUTO_FREE char *url = url_of(&wanted->code);
    deploy_text(parent, "url", url);
    if (wanted->code.place != DEPLOY_FILE)
        deploy_text(parent, "sha256", wanted->code.sha256);
    kubernetes_pull(parent, wanted);
    deploy_text(parent, "pluginName", wanted->root_id);
    deploy_text(parent, "failStrategy", strategies[wanted->failure]);
    if (wanted->plugin == DEPLOY_NETWORK)
        deploy_text(parent, "type", "NETWORK");
    if (wanted->config)
        json_put(parent, "pluginConfig", json_copy_of(wanted->config_json));
    kubernetes_variables(parent, wanted);
}

/* Workloads are met as servers, or as clients; gateways are clients alone. */
static void put_match(struct json_t *spec, enum deploy_context context)
{
    static const char *const modes[] = {
        [DEPLOY_INBOUND] = "SERVER", [DEPLOY_OUTBOUND] = "CLIENT", [DEPLOY_GATEWAY] = "CLIENT"};
    if (modes[context])
        deploy_text(deploy_item(deploy_array(spec, "match")), "mode", modes[context]);
}

static void put_order(struct json_t *spec, const struct deployment *wanted)
{
    kubernetes_phase(spec, wanted->phase);
    if (wanted->has_priority)
        json_put(spec, "priority", json_of_int(wanted->priority));
    put_match(spec, wanted->context);
}

static void put_selection(struct json_t *spec, const struct deployment *wanted)
{
    if (wanted->label_count)
        put_labels(deploy_object(deploy_object(spec, "selector"), "matchLabels"), wanted);
    kubernetes_target_refs(spec, wanted);
}

static int write_wasmplugin(const struct deployment *wanted, struct deploy_documents *out,
                            struct err *err)
{
    (void)err;
    struct json_t *spec = kubernetes_object(&target_wasmplugin, wanted, out);
    put_selection(spec, wanted);
    put_plugin(spec, wanted);
    put_order(spec, wanted);
    return 0;
}

static int write_trafficextension(const struct deployment *wanted, struct deploy_documents *out,
                                  struct err *err)
{
    (void)err;
    struct json_t *spec = kubernetes_object(&target_trafficextension, wanted, out);
    put_selection(spec, wanted);
    put_order(spec, wanted);
    put_plugin(deploy_object(spec, "wasm"), wanted);
    return 0;
}

#define PLUGIN_CHOICES                                                                             \
    (CHOICE(NAMESPACE) | CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(PHASE) | CHOICE(PRIORITY) |     \
     CHOICE(SELECTOR) | CHOICE(TARGET) | CHOICE(FAIL_OPEN) | CHOICE(FAIL_RELOAD) |                 \
     CHOICE(PULL_SECRET) | CHOICE(PULL_POLICY) | CHOICE(ENV) | CHOICE(PLUGIN) | CHOICE(CONTEXT))

#define ISTIO_APPLY "kubectl apply -f -, or --apply"
#define ISTIO_WORKS(name)                                                                          \
    "`istioctl proxy-config ecds POD{-n}` lists " name ", and the log of istio-proxy (scope "      \
    "wasm) says what could not be fetched{unfetched}"
#define ISTIO_OPEN                                                                                 \
    "FAIL_OPEN lets requests pass when the module cannot be fetched, and after it has crashed: "   \
    "the request that crashes it is still answered with 503, and a module that Envoy does not "    \
    "load keeps new pods from getting ready"

const struct deploy_target target_wasmplugin = {
    .name = "istio",
    .kind = "wasmplugin",
    .title = "an Istio WasmPlugin",
    .host = "istio",
    .gateway = GATEWAY_ISTIO,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_URL | 1 << DEPLOY_FILE,
    .takes = PLUGIN_CHOICES,
    .reload_since = ISTIO_FAIL_RELOAD,
    .phases = kubernetes_phases,
    .config = CONFIG_OBJECT,
    .attach_kinds = attach_kinds,
    .api = "extensions.istio.io/v1alpha1",
    .object = "WasmPlugin",
    .check = check_plugin,
    .write = write_wasmplugin,
    .apply = ISTIO_APPLY,
    .works = ISTIO_WORKS("{resource}"),
    .undo = "kubectl delete wasmplugins.extensions.istio.io {name}{-n}",
    .open = ISTIO_OPEN,
    .open_since = ISTIO_FAILURE_POLICY,
};

const struct deploy_target target_trafficextension = {
    .name = "istio",
    .kind = "trafficextension",
    .title = "an Istio TrafficExtension",
    .host = "istio",
    .gateway = GATEWAY_ISTIO,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_URL | 1 << DEPLOY_FILE,
    .takes = PLUGIN_CHOICES,
    .since = ISTIO_TRAFFIC_EXTENSION,
    .reload_since = ISTIO_FAIL_RELOAD,
    .phases = kubernetes_phases,
    .config = CONFIG_OBJECT,
    .attach_kinds = attach_kinds,
    .api = "extensions.istio.io/v1alpha1",
    .object = "TrafficExtension",
    .check = check_plugin,
    .write = write_trafficextension,
    .apply = ISTIO_APPLY,
    .works = ISTIO_WORKS("{resource}"),
    .undo = "kubectl delete trafficextensions.extensions.istio.io {name}{-n}",
    .open = ISTIO_OPEN,
    .open_since = ISTIO_FAILURE_POLICY,
};

/* --- EnvoyFilter --- */

static const char *context_word(enum deploy_context context)
{
    static const char *const words[] = {[DEPLOY_ANY] = "ANY",
                                        [DEPLOY_INBOUND] = "SIDECAR_INBOUND",
                                        [DEPLOY_OUTBOUND] = "SIDECAR_OUTBOUND",
                                        [DEPLOY_GATEWAY] = "GATEWAY"};
    return words[context];
}

/* The agent takes the policy out of the variables, and fetches by it (istio/istio,
 * pkg/wasm/convert.go). */
static void put_policy(struct json_t *typed, enum deploy_pull pull)
{
    const char *policy = kubernetes_pull_policy(pull);
    if (!policy)
        return;
    struct json_t *vm = json_obj_in(json_obj_in(typed, "config"), "vm_config");
    struct json_t *env = json_obj_in(vm, "environment_variables");
    deploy_text(json_obj_in(env, "key_values"), "ISTIO_META_WASM_IMAGE_PULL_POLICY", policy);
}

/* The resource that the second patch asks for by its name. */
static void put_resource(struct json_t *patches, const struct deployment *wanted)
{
    AUTO_FREE char *url = url_of(&wanted->code);
    struct deployment filter = *wanted;
    if (wanted->code.place != DEPLOY_FILE)
        filter.code.address = url;
    struct json_t *patch = deploy_item(patches);
    deploy_text(patch, "applyTo", "EXTENSION_CONFIG");
    deploy_text(deploy_object(patch, "match"), "context", context_word(wanted->context));
    struct json_t *change = deploy_object(patch, "patch");
    deploy_text(change, "operation", "ADD");
    struct json_t *value = deploy_object(change, "value");
    deploy_text(value, "name", wanted->name);
    /* The agent fetches the module; Envoy never asks for the cluster. */
    struct json_t *typed = envoy_typed_config(
        &filter,
        wanted->version >= ISTIO_FAILURE_POLICY ? ENVOY_FAILURE_POLICY : ENVOY_FAILURE_POLICY - 1,
        "_");
    put_policy(typed, wanted->pull);
    json_put(value, "typed_config", typed);
}

static void put_place(struct json_t *patch, const struct deployment *wanted)
{
    struct json_t *match = deploy_object(patch, "match");
    deploy_text(match, "context", context_word(wanted->context));
    struct json_t *chain = deploy_object(deploy_object(match, "listener"), "filterChain");
    struct json_t *filter = deploy_object(chain, "filter");
    deploy_text(filter, "name", "envoy.filters.network.http_connection_manager");
    deploy_text(deploy_object(filter, "subFilter"), "name", "envoy.filters.http.router");
}

/* The filter, which waits for the resource. While the module cannot be fetched, the agent sends an
 * RBAC filter in its place, so that both types are expected (istio/istio,
 * pilot/pkg/networking/core/extension/extensionfilter.go). */
static void put_discovery(struct json_t *patches, const struct deployment *wanted)
{
    struct json_t *patch = deploy_item(patches);
    deploy_text(patch, "applyTo", "HTTP_FILTER");
    put_place(patch, wanted);
    struct json_t *change = deploy_object(patch, "patch");
    deploy_text(change, "operation", "INSERT_BEFORE");
    struct json_t *value = deploy_object(change, "value");
    deploy_text(value, "name", wanted->name);
    struct json_t *discovery = deploy_object(value, "config_discovery");
    struct json_t *source = deploy_object(discovery, "config_source");
    (void)deploy_object(source, "ads");
    deploy_text(source, "initial_fetch_timeout", "0s");
    deploy_text(source, "resource_api_version", "V3");
    struct json_t *types = deploy_array(discovery, "type_urls");
    json_append(types,
                json_of_text("type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"));
    json_append(types,
                json_of_text("type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"));
}

static int write_envoyfilter(const struct deployment *wanted, struct deploy_documents *out,
                             struct err *err)
{
    (void)err;
    struct json_t *spec = kubernetes_object(&target_envoyfilter, wanted, out);
    if (wanted->label_count)
        put_labels(deploy_object(deploy_object(spec, "workloadSelector"), "labels"), wanted);
    kubernetes_target_refs(spec, wanted);
    struct json_t *patches = deploy_array(spec, "configPatches");
    put_resource(patches, wanted);
    put_discovery(patches, wanted);
    return 0;
}

static const char *const envoyfilter_why[] = {
    "--pull-secret",
    "an EnvoyFilter would carry the login itself, readable by all: use --kind wasmplugin",
    "--priority",
    "the priority of an EnvoyFilter orders patches and not filters: use --kind wasmplugin",
    "--type",
    "the pair of patches is for HTTP filters: use --kind wasmplugin",
    NULL,
};

const struct deploy_target target_envoyfilter = {
    .name = "istio",
    .kind = "envoyfilter",
    .title = "an Istio EnvoyFilter",
    .host = "istio",
    .gateway = GATEWAY_ISTIO,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_URL | 1 << DEPLOY_FILE,
    .takes = CHOICE(NAMESPACE) | CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(SELECTOR) |
             CHOICE(TARGET) | CHOICE(FAIL_OPEN) | CHOICE(FAIL_RELOAD) | CHOICE(PULL_POLICY) |
             CHOICE(ENV) | CHOICE(CONTEXT),
    .why = envoyfilter_why,
    .reload_since = ISTIO_FAILURE_POLICY,
    .config = CONFIG_TEXT,
    .attach_kinds = attach_kinds,
    .api = "networking.istio.io/v1alpha3",
    .object = "EnvoyFilter",
    .check = check_envoyfilter,
    .write = write_envoyfilter,
    .apply = ISTIO_APPLY,
    .works = ISTIO_WORKS("{name}"),
    .undo = "kubectl delete envoyfilters.networking.istio.io {name}{-n}",
    .open = ISTIO_OPEN,
    .open_since = ISTIO_FAILURE_POLICY,
};
