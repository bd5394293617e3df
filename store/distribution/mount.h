/* Blobs that a repository gets. */
#ifndef WASME_STORE_DISTRIBUTION_MOUNT_H
#define WASME_STORE_DISTRIBUTION_MOUNT_H

#include "store/distribution/state.h"

/* The caller has called depot_begin(). */

/* Says that the repository has the blob, which is in its place. */
int mount_link(struct distribution *registry, const char *repository,
               const struct digest_any *digest, struct err *err);
/* Gives the repository a blob of `from` (NULL: of any repository). ERR_NOT_FOUND. */
int mount_blob(struct distribution *registry, const char *from, const char *repository,
               const struct digest_any *digest, struct err *err);

#endif
