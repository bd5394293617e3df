#include "deploy/kubernetes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const kubernetes_phases[] = {"authn", "authz", "stats", NULL};

struct json_t *target_identity(const struct deploy_target *target, const char *name,
                               const char *space)
{
    struct json_t *object = json_new_obj();
    deploy_text(object, "apiVersion", target->api);
    deploy_text(object, "kind", target->object);
    struct json_t *metadata = deploy_object(object, "metadata");
    deploy_text(metadata, "name", name);
    deploy_text(metadata, "namespace", space);
    return object;
}

struct json_t *kubernetes_object(const struct deploy_target *target,
                                 const struct deployment *wanted, struct deploy_documents *out)
{
    struct json_t *object = target_identity(target, wanted->name, wanted->space);
    struct json_t *labels = deploy_object(json_obj_in(object, "metadata"), "labels");
    deploy_text(labels, "app.kubernetes.io/managed-by", "wasme");
    deploy_add(out, NULL, object);
    return deploy_object(object, "spec");
}

void kubernetes_target_refs(struct json_t *spec, const struct deployment *wanted)
{
    struct json_t *refs = wanted->attach_count ? deploy_array(spec, "targetRefs") : NULL;
    for (size_t i = 0; i < wanted->attach_count; i++) {
        struct json_t *ref = deploy_item(refs);
        deploy_text(ref, "group", wanted->attached[i].group);
        deploy_text(ref, "kind", wanted->attached[i].kind);
        deploy_text(ref, "name", wanted->attached[i].name);
    }
}

const char *kubernetes_pull_policy(enum deploy_pull pull)
{
    static const char *const words[] = {[DEPLOY_PULL_DEFAULT] = NULL,
                                        [DEPLOY_PULL_IF_NOT_PRESENT] = "IfNotPresent",
                                        [DEPLOY_PULL_ALWAYS] = "Always"};
    return words[pull];
}

void kubernetes_phase(struct json_t *parent, const char *phase)
{
    if (!phase)
        return;
    AUTO_FREE char *word = mem_dup(phase);
    for (char *at = word; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    deploy_text(parent, "phase", word);
}

void kubernetes_pull(struct json_t *parent, const struct deployment *wanted)
{
    deploy_text(parent, "imagePullPolicy", kubernetes_pull_policy(wanted->pull));
    deploy_text(parent, "imagePullSecret", wanted->pull_secret);
}

void kubernetes_variables(struct json_t *parent, const struct deployment *wanted)
{
    struct json_t *env =
        wanted->env_count ? deploy_array(deploy_object(parent, "vmConfig"), "env") : NULL;
    for (size_t i = 0; i < wanted->env_count; i++) {
        struct json_t *one = deploy_item(env);
        deploy_text(one, "name", wanted->env[i].name);
        deploy_text(one, "value", wanted->env[i].value);
        if (!wanted->env[i].value)
            deploy_text(one, "valueFrom", "HOST");
    }
}

/* --- What `kubectl apply` does with documents --- */

/* Bytes of an object that kubectl keeps in an annotation of the object (apimachinery,
 * pkg/api/validation/objectmeta.go), and of a request to etcd (its --max-request-bytes). */
enum { ANNOTATION_MAX = 256 * 1024, ETCD_MAX = 1536 * 1024, JSON_MAX = 64 * 1024 * 1024 };

static int find_null(void *arg, const char *key, const struct json_t *value);

/* Whether a member is null at any depth; kubectl keeps a null in a list. */
static bool has_null(const struct json_t *value)
{
    bool found = json_each_member(value, find_null, NULL);
    for (size_t i = 0; !found && i < json_arr_len(value); i++)
        found = has_null(json_arr_at(value, i));
    return found;
}

static int find_null(void *arg, const char *key, const struct json_t *value)
{
    (void)arg;
    (void)key;
    return json_is_nul(value) || has_null(value);
}

/* The bytes of the largest document as JSON, nearly: kubectl writes some characters longer. */
static size_t largest(const struct deploy_documents *documents)
{
    size_t max = 0;
    for (size_t i = 0; i < documents->count; i++) {
        AUTO(buf_release) struct buf text = BUF_INIT(JSON_MAX);
        json_dump(documents->items[i].value, &text);
        size_t len = 0;
        for (size_t at = 0; at < text.len; at++)
            len += !strchr("\t\n", text.data[at]);
        max = len > max ? len : max;
    }
    return max;
}

const char *kubernetes_server_side(const struct deploy_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        if (has_null(documents->items[i].value))
            return "members of the configuration that are null would be lost without --server-side";
    return largest(documents) > ANNOTATION_MAX
               ? "without --server-side, Kubernetes refuses an object of more than 256 KiB"
               : NULL;
}

bool kubernetes_too_large(const struct deploy_documents *documents)
{
    return largest(documents) > ETCD_MAX;
}
