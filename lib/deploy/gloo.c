/* Gloo Edge: a Gateway whose options have the filter (solo-io/gloo,
 * projects/gloo/api/v1/options/wasm/wasm.proto). Only the Enterprise data plane reads it. */
#include "base/mem.h"
#include "deploy/kubernetes.h"
#include "deploy/target.h"
#include "image/ref.h"

/* The image, named by its digest when that is known: the option has no field for one. */
static int put_image(struct json_t *filter, const struct deploy_code *code, struct err *err)
{
    AUTO(ref_release) struct ref ref = {0};
    int rc = ref_parse(code->address, NULL, &ref, err);
    if (rc)
        return rc;
    AUTO_FREE char *pinned =
        code->sha256 ? mem_printf("%s/%s@sha256:%s", ref.registry, ref.repository, code->sha256)
                     : NULL;
    deploy_text(filter, "image", pinned ? pinned : code->address);
    return 0;
}

static int write_gateway(const struct deployment *wanted, struct deploy_documents *out,
                         struct err *err)
{
    int rc = 0;
    struct json_t *spec = kubernetes_object(&target_gloo, wanted, out);
    deploy_text(spec, "bindAddress", "::");
    json_put(spec, "bindPort", json_of_int(wanted->port));
    json_append(deploy_array(spec, "proxyNames"), json_of_text("gateway-proxy"));
    struct json_t *options = deploy_object(deploy_object(spec, "httpGateway"), "options");
    struct json_t *filter = deploy_item(deploy_array(deploy_object(options, "wasm"), "filters"));
    deploy_text(filter, "name", wanted->name);
    if (wanted->code.place == DEPLOY_IMAGE)
        rc = put_image(filter, &wanted->code, err);
    else
        deploy_text(filter, "filePath", wanted->code.address);
    deploy_text(filter, "rootId", wanted->root_id);
    deploy_text(filter, "vmType", "V8");
    json_put(filter, "failOpen", json_of_bool(wanted->failure == DEPLOY_FAIL_OPEN));
    if (!wanted->config || rc)
        return rc;
    struct json_t *config = deploy_object(filter, "config");
    deploy_text(config, "@type", "type.googleapis.com/google.protobuf.StringValue");
    deploy_text(config, "value", wanted->config);
    return 0;
}

const struct deploy_target target_gloo = {
    .name = "gloo",
    .title = "a Gateway of Gloo Enterprise",
    .host = "envoy",
    .gateway = GATEWAY_COUNT,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_FILE,
    .elsewhere = "push the image, which Gloo pulls",
    .takes =
        CHOICE(NAMESPACE) | CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(FAIL_OPEN) | CHOICE(PORT),
    .config = CONFIG_TEXT,
    .space = "gloo-system",
    .api = "gateway.solo.io/v1",
    .object = "Gateway",
    .write = write_gateway,
    .apply = "kubectl apply -f -, or --apply: a Gateway with this name and port replaces the one "
             "that is there",
    .works = "`glooctl check` finds no error",
    .undo = "kubectl delete gateways.gateway.solo.io {name}{-n}",
};
