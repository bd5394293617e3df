/* What the manifests of several control planes share. */
#ifndef WASME_DEPLOY_KUBERNETES_H
#define WASME_DEPLOY_KUBERNETES_H

#include "deploy/target.h"

/* The words of --phase for Istio and Higress, ended by NULL. */
extern const char *const kubernetes_phases[];

/* Adds the target's object, with apiVersion, kind and metadata; returns its empty spec, lent. */
struct json_t *kubernetes_object(const struct deploy_target *target,
                                 const struct deployment *wanted, struct deploy_documents *out);
/* spec.targetRefs, when something is attached. */
void kubernetes_target_refs(struct json_t *spec, const struct deployment *wanted);
/* "IfNotPresent", "Always"; NULL: the reader's own choice. */
const char *kubernetes_pull_policy(enum deploy_pull pull);

/* Why `kubectl apply` has to leave the work to the API server (--server-side): it would drop or
 * refuse something of the documents. NULL: it need not. */
const char *kubernetes_server_side(const struct deploy_documents *documents);
/* Kubernetes may refuse the documents: one has more bytes than etcd keeps, as it comes. */
bool kubernetes_too_large(const struct deploy_documents *documents);

/* Members that the WasmPlugins of Istio and of Higress share: phase, imagePullPolicy and
 * imagePullSecret, and vmConfig. */
void kubernetes_phase(struct json_t *parent, const char *phase);
void kubernetes_pull(struct json_t *parent, const struct deployment *wanted);
void kubernetes_variables(struct json_t *parent, const struct deployment *wanted);

#endif
