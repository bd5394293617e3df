/* Sending blobs to a repository. */
#ifndef WASME_REGISTRY_BLOB_H
#define WASME_REGISTRY_BLOB_H

#include "registry/client.h"

/*
 * Brings the bundle's blobs into the repository, side by side: asks which are there, and sends the
 * others, each by POST (an upload's address) and one PUT (all its bytes). An upload that breaks, or
 * whose session the registry has forgotten, starts again with POST, since the registry may have
 * kept a part of the first try. A blob that is named twice, or that this run has sent there before,
 * is sent once. `sent` is how many had to be sent.
 */
int blob_push_all(const struct repository *repo, const struct bundle *bundle, size_t *sent,
                  struct err *err);

#endif
