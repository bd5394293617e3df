/* Sends blobs to a repository. */
#ifndef WASME_REGISTRY_BLOB_H
#define WASME_REGISTRY_BLOB_H

#include "registry/calls.h"
#include "registry/client.h"

/* Has each blob of the bundle been seen in the repository, in this run or an earlier one? Then the
 * repository probably lacks nothing. */
bool blob_seen_all(const struct repository *repo, const struct bundle *bundle);

/*
 * Brings the bundle's blobs into the repository, side by side: asks which blobs are there, and
 * sends each of the others by a POST, which opens an upload session, and one PUT with all the
 * bytes. After an upload that broke, or whose session the registry no longer knows, there is a new
 * POST, since the registry may have a part of the first body. A blob that the bundle names twice is
 * sent once, and a blob that this run has sent there before is not sent again. `*sent` is the
 * number of blobs that the repository lacked. The calls that the caller has added run beside.
 */
int blob_push_all(const struct repository *repo, const struct bundle *bundle, struct calls *calls,
                  size_t *sent, struct err *err);

#endif
