/* What is read of a registry: manifests and blobs. */
#ifndef WASME_STORE_DISTRIBUTION_PULL_H
#define WASME_STORE_DISTRIBUTION_PULL_H

#include "store/distribution/state.h"

int pull_manifest(struct dist_call *call, struct err *err);
int pull_blob(struct dist_call *call, struct err *err);

/* A manifest that was found. */
struct dist_manifest {
    struct digest_any digest;
    char *media_type; /* owned */
    struct buf bytes; /* verified */
};
void dist_manifest_release(struct dist_manifest *manifest); /* usable with AUTO() */
/* Finds the manifest that the path of the call names. ERR_NOT_FOUND; ERR_USAGE: several images have
 * that name. */
int pull_find(struct dist_call *call, struct dist_manifest *out, struct err *err);
/* Finds the manifest of that digest among those that were pushed to the repository.
 * ERR_NOT_FOUND. */
int pull_pushed(struct distribution *registry, const char *repository,
                const struct digest_any *digest, struct dist_manifest *out, struct err *err);
/* Opens a blob of the repository, verified, wherever it is. ERR_NOT_FOUND. */
int pull_open_blob(struct distribution *registry, const char *repository,
                   const struct digest_any *digest, int *fd, long long *size, struct err *err);

#endif
