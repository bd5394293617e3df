/* Manifests that are pushed (OCI distribution specification, "Pushing Manifests"). */
#ifndef WASME_STORE_DISTRIBUTION_PUT_H
#define WASME_STORE_DISTRIBUTION_PUT_H

#include "store/distribution/contents.h"
#include "store/distribution/pull.h"

int put_manifest(struct dist_call *call, struct err *err);
/* Makes the manifest, which is in its place, one of the repository. Between depot_begin() and
 * depot_end(), as the next. */
int put_link(struct distribution *registry, const char *repository,
             const struct dist_manifest *manifest, const struct contents *contents,
             struct err *err);
/* Gives the manifest a tag. */
int put_tag(struct distribution *registry, const char *repository, const char *tag,
            const struct dist_manifest *manifest, const struct contents *contents, struct err *err);

#endif
