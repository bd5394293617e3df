/* Filters that were pushed, as images of the store. */
#ifndef WASME_STORE_DISTRIBUTION_FILTER_H
#define WASME_STORE_DISTRIBUTION_FILTER_H

#include "store/distribution/contents.h"
#include "store/distribution/pull.h"

/* Whether the manifest may be that of a filter, which is looked for in no more bytes than gateways
 * take. */
bool filter_may_be(const struct dist_manifest *manifest, const struct contents *contents);
/*
 * Stores the image HOST/REPOSITORY:TAG, whose blobs were pushed; `tag` may be a digest, too.
 * ERR_UNSUPPORTED when the manifest is that of no filter which wasme reads, or of one that the
 * store cannot give back with the same digest.
 */
int filter_store(struct distribution *registry, const char *repository, const char *tag,
                 const struct dist_manifest *manifest, const struct contents *contents,
                 struct err *err);
/* Removes the image HOST/REPOSITORY:TAG from the store. ERR_NOT_FOUND. */
int filter_remove(struct distribution *registry, const char *repository, const char *tag,
                  struct err *err);

#endif
