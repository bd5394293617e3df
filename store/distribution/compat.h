/*
 * Images made anew in the compat form, for gateways that take no other: the tag TAG-compat is the
 * image of TAG, unless a real tag has that name. The same image gives the same digests in every
 * server, so that one replica may serve the manifest and another one the blobs.
 */
#ifndef WASME_STORE_DISTRIBUTION_COMPAT_H
#define WASME_STORE_DISTRIBUTION_COMPAT_H

#include "store/distribution/pull.h"

#define COMPAT_SUFFIX "-compat"

enum {
    COMPAT_IMAGES_MAX = 1000,            /* images whose manifests are kept */
    COMPAT_BYTES_MAX = 64 * 1024 * 1024, /* of layers that are kept in memory */
    COMPAT_LOOK_MAX = 16,                /* images that are made to find a digest among them */
};

/* The images that were made. */
struct compat;
struct compat *compat_new(void);
void compat_free(struct compat *compat); /* NULL is fine */

/* Makes the image of a tag that ends in COMPAT_SUFFIX. ERR_NOT_FOUND. */
int compat_by_tag(struct distribution *registry, const struct store_snapshot *snapshot,
                  const char *repository, const char *tag, struct dist_manifest *out,
                  struct err *err);
/* Finds the manifest among those of the repository; with `make`, also among those that were not
 * made yet. ERR_NOT_FOUND. */
int compat_by_digest(struct distribution *registry, const struct store_snapshot *snapshot,
                     const char *repository, const struct digest_any *digest, bool make,
                     struct dist_manifest *out, struct err *err);
/* Opens a blob in the same way. */
int compat_blob(struct distribution *registry, const char *repository,
                const struct digest_any *digest, bool make, int *fd, long long *size,
                struct err *err);

#endif
