/* Higress: its WasmPlugin (alibaba/higress, api/extensions/v1alpha1/wasmplugin.proto). */
#include <string.h>

#include "base/mem.h"
#include "deploy/kubernetes.h"
#include "deploy/target.h"

/* The conditions of a rule, which are no objects of an API group. */
static const struct attach_kind attach_kinds[] = {
    {"Ingress", "", 0, NULL},
    {"Domain", "", 0, NULL},
    {"Service", "", 0, NULL},
    {NULL, NULL, 0, NULL},
};

/* The configuration for what is attached, and for nothing else. */
static void put_rules(struct json_t *spec, const struct deployment *wanted)
{
    static const char *const members[] = {"ingress", "domain", "service"};
    json_put(spec, "defaultConfigDisable", json_of_bool(true));
    struct json_t *rule = deploy_item(deploy_array(spec, "matchRules"));
    for (size_t kind = 0; kind < COUNT(members); kind++) {
        struct json_t *names = NULL;
        for (size_t i = 0; i < wanted->attach_count; i++)
            if (strcmp(wanted->attached[i].kind, attach_kinds[kind].kind) == 0)
                json_append(names ? names : (names = deploy_array(rule, members[kind])),
                            json_of_text(wanted->attached[i].name));
    }
    if (wanted->config)
        json_put(rule, "config", json_copy_of(wanted->config_json));
    json_put(rule, "configDisable", json_of_bool(false));
}

static void put_settings(struct json_t *spec, const struct deployment *wanted)
{
    kubernetes_pull(spec, wanted);
    deploy_text(spec, "pluginName", wanted->root_id);
    kubernetes_phase(spec, wanted->phase);
    if (wanted->has_priority)
        json_put(spec, "priority", json_of_int(wanted->priority));
    deploy_text(spec, "failStrategy",
                wanted->failure == DEPLOY_FAIL_OPEN ? "FAIL_OPEN" : "FAIL_CLOSE");
    kubernetes_variables(spec, wanted);
}

/* defaultConfig, and never pluginConfig: that one would win alone, and switch all rules off
 * (alibaba/higress, pkg/ingress/config/ingress_config.go). */
static int write_higress(const struct deployment *wanted, struct deploy_documents *out,
                         struct err *err)
{
    (void)err;
    struct json_t *spec = kubernetes_object(&target_higress, wanted, out);
    bool image = wanted->code.place == DEPLOY_IMAGE;
    AUTO_FREE char *url = mem_printf("%s%s", image ? "oci://" : "", wanted->code.address);
    deploy_text(spec, "url", url);
    deploy_text(spec, "sha256", wanted->code.sha256);
    put_settings(spec, wanted);
    if (wanted->attach_count) {
        put_rules(spec, wanted);
        return 0;
    }
    if (wanted->config)
        json_put(spec, "defaultConfig", json_copy_of(wanted->config_json));
    json_put(spec, "defaultConfigDisable", json_of_bool(false));
    return 0;
}

static const char *const why[] = {
    "--selector",
    "the controller of Higress chooses the gateway itself: leave the option out",
    NULL,
};

const struct deploy_target target_higress = {
    .name = "higress",
    .title = "a Higress WasmPlugin",
    .host = "higress",
    .gateway = GATEWAY_HIGRESS,
    .places = 1 << DEPLOY_IMAGE | 1 << DEPLOY_URL,
    .elsewhere =
        "push the image, or serve the file (`wasme serve`) and give its address with --url",
    .takes = CHOICE(NAMESPACE) | CHOICE(CONFIG) | CHOICE(ROOT_ID) | CHOICE(PHASE) |
             CHOICE(PRIORITY) | CHOICE(TARGET) | CHOICE(FAIL_OPEN) | CHOICE(PULL_SECRET) |
             CHOICE(PULL_POLICY) | CHOICE(ENV),
    .why = why,
    .phases = kubernetes_phases,
    .config = CONFIG_OBJECT,
    .attach_kinds = attach_kinds,
    .attach_words = true,
    .space = "higress-system",
    .api = "extensions.higress.io/v1alpha1",
    .object = "WasmPlugin",
    .write = write_higress,
    .apply = "kubectl apply -f -, or --apply",
    .works = "`kubectl logs{-n} deploy/higress-gateway | grep -i wasm` shows what the gateway says "
             "of the filter",
    .undo = "kubectl delete wasmplugins.extensions.higress.io {name}{-n}",
};
