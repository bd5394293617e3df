/* Asks for manifests by HEAD, which no registry counts as a pull. (Harbor's retention rules depend
 * on the pulls.) */
#ifndef WASME_REGISTRY_MANIFEST_HEAD_H
#define WASME_REGISTRY_MANIFEST_HEAD_H

#include "image/media_type.h"
#include "registry/calls.h"
#include "registry/client.h"

/* The header line for requests of manifests: the types that this client understands. */
#define MANIFEST_ACCEPT                                                                            \
    "Accept: " MEDIA_OCI_MANIFEST ", " MEDIA_OCI_INDEX ", " MEDIA_DOCKER_MANIFEST                  \
    ", " MEDIA_DOCKER_LIST

struct manifest_head {
    const char *key;      /* a tag or digest; lent */
    bool one_try;         /* set by the caller: a transient failure is not tried again */
    struct digest digest; /* as the registry says; "": the registry does not say it */
    bool index;           /* the media type is that of an index */
    int rc;               /* 0, or why nothing is known, with `err`, which the caller releases */
    struct err err;

    struct call call; /* the request, and its texts, for manifest_head.c */
    char *what;
    char *path;
};

/* Adds the question to calls. After calls_finish(), manifest_head_take() has the answer; when the
 * calls were given up, the call only frees what the question needed. */
void manifest_head_add(const struct repository *repo, struct manifest_head *head,
                       struct calls *calls);
void manifest_head_take(struct manifest_head *head);

/* Asks for all heads side by side. An error means that all were given up. */
int manifest_heads(const struct repository *repo, struct manifest_head *heads, size_t count,
                   struct err *err);

#endif
