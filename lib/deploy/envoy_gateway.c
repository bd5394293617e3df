/* Envoy Gateway: EnvoyExtensionPolicy (envoyproxy/gateway, api/v1alpha1/wasm_types.go). */
#include "base/mem.h"
#include "deploy/kubernetes.h"
#include "deploy/target.h"

/* The first version whose schema has the kind. */
enum { LISTENER_SET = 109 };

static const char group[] = "gateway.networking.k8s.io";
static const char http_alone[] =
    "Envoy Gateway runs filters for HTTP alone, and would not run this "
    "one: name an HTTPRoute, a GRPCRoute or a Gateway";
/* The schema takes routes of TCP, TLS and UDP, too, and the controller then does nothing with the
 * filter (internal/gatewayapi/envoyextensionpolicy.go asks for listeners of HTTP alone). */
static const struct attach_kind attach_kinds[] = {
    {"HTTPRoute", group, 0, NULL},
    {"Gateway", group, 0, NULL},
    {"ListenerSet", group, LISTENER_SET, NULL},
    {"GRPCRoute", group, 0, NULL},
    {"TCPRoute", group, 0, http_alone},
    {"UDPRoute", group, 0, http_alone},
    {"TLSRoute", group, 0, http_alone},
    {NULL, NULL, 0, NULL},
};

static int check(const struct deployment *wanted, struct err *err)
{
    for (size_t i = 0; i < wanted->env_count; i++)
        if (wanted->env[i].value)
            return err_set(err, ERR_USAGE,
                           "--env %.200s=...: Envoy Gateway hands on variables of its proxies, and "
                           "sets none: give the name alone",
                           wanted->env[i].name);
    if (wanted->code.place == DEPLOY_URL && wanted->code.size > GATEWAY_SERVED_MAX)
        return err_set(err, ERR_USAGE,
                       "--url: the module has %lld bytes, and Envoy takes at most %lld from Envoy "
                       "Gateway: make it smaller (`wasme build --optimize`)",
                       wanted->code.size, GATEWAY_SERVED_MAX);
    if (wanted->pull == DEPLOY_PULL_ALWAYS && !wanted->code.unpinned)
        return err_set(err, ERR_USAGE,
                       "--pull-policy always: Envoy Gateway pulls a pinned image once; give "
                       "--no-pin too, or leave the option out");
    return 0;
}

static void put_code(struct json_t *code, const struct deployment *wanted)
{
    bool image = wanted->code.place == DEPLOY_IMAGE;
    deploy_text(code, "type", image ? "Image" : "HTTP");
    deploy_text(code, "pullPolicy", kubernetes_pull_policy(wanted->pull));
    struct json_t *where = deploy_object(code, image ? "image" : "http");
    deploy_text(where, "url", wanted->code.address);
    deploy_text(where, "sha256", wanted->code.sha256);
    if (!wanted->pull_secret)
        return;
    struct json_t *secret = deploy_object(where, "pullSecretRef");
    deploy_text(secret, "kind", "Secret");
    deploy_text(secret, "name", wanted->pull_secret);
}

static int write_policy(const struct deployment *wanted, struct deploy_documents *out,
                        struct err *err)
{
    (void)err;
    struct json_t *spec = kubernetes_object(&target_envoy_gateway, wanted, out);
    kubernetes_target_refs(spec, wanted);
    struct json_t *wasm = deploy_item(deploy_array(spec, "wasm"));
    deploy_text(wasm, "name", wanted->name);
    deploy_text(wasm, "rootID", wanted->root_id);
    put_code(deploy_object(wasm, "code"), wanted);
    if (wanted->config)
        json_put(wasm, "config", json_copy_of(wanted->config_json));
    json_put(wasm, "failOpen", json_of_bool(wanted->failure == DEPLOY_FAIL_OPEN));
    struct json_t *keys =
        wanted->env_count ? deploy_array(deploy_object(wasm, "env"), "hostKeys") : NULL;
    for (size_t i = 0; i < wanted->env_count; i++)
        json_append(keys, json_of_text(wanted->env[i].name));
    return 0;
}

static const char *const why[] = {
    "--selector", "name the routes or gateways with --target",
    "--priority", "filters run in the order of the policy that names them: leave the option out",
    "--phase",    "Envoy Gateway has no phases: leave the option out",
    NULL,
};

const struct deploy_target target_envoy_gateway = {
    .name = "envoy-gateway",
    .title = "an EnvoyExtensionPolicy of Envoy Gateway",
    .host = "envoy-gateway",
    .gateway = GATEWAY_ENVOY_GATEWAY,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_URL,
    .elsewhere =
        "push the image, or serve the file (`wasme serve`) and give its address with --url",
    .takes = CHOICE(NAMESPACE) | CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(TARGET) |
             CHOICE(FAIL_OPEN) | CHOICE(PULL_SECRET) | CHOICE(PULL_POLICY) | CHOICE(ENV),
    .why = why,
    .config = CONFIG_JSON,
    .attach_kinds = attach_kinds,
    .attach_needed = true,
    .api = "gateway.envoyproxy.io/v1alpha1",
    .object = "EnvoyExtensionPolicy",
    .check = check,
    .write = write_policy,
    .apply = "kubectl apply -f -, or --apply",
    .works = "`kubectl get eep {name}{-n} -o yaml` says Accepted in its status, or why not; a "
             "failed fetch is tried again only when the policy changes",
    .undo = "kubectl delete eep {name}{-n}",
};
