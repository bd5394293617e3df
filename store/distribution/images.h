/* The images of the store, as a registry has them: in repositories, by tag and digest. */
#ifndef WASME_STORE_DISTRIBUTION_IMAGES_H
#define WASME_STORE_DISTRIBUTION_IMAGES_H

#include "store/distribution/state.h"
#include "store/pack.h"

/* How an image is in a repository. */
enum image_place {
    PLACE_NONE,
    PLACE_OWN,   /* under the server's own name */
    PLACE_HOST,  /* the repository names the image's host too */
    PLACE_SHORT, /* the repository is the path alone */
};

/* Parts of a full reference; lent by it. */
struct image_name {
    const char *host, *path, *tag; /* `tag` NULL: none */
    size_t host_len, path_len;
};
void image_name_read(const char *full, struct image_name *out);
/* Whether the registry has the image in the repository. */
enum image_place image_place(const struct distribution *registry,
                             const struct snapshot_image *image, const char *repository);

/*
 * The image under a tag of the repository; `*out` is lent by the snapshot. ERR_NOT_FOUND.
 * ERR_USAGE: several hosts have different images of that name; the error names all.
 */
int images_by_tag(const struct distribution *registry, const struct store_snapshot *snapshot,
                  const char *repository, const char *tag, const struct snapshot_image **out,
                  struct err *err);
/* The first image of the repository with that manifest; NULL: none. */
const struct snapshot_image *images_by_manifest(const struct distribution *registry,
                                                const struct store_snapshot *snapshot,
                                                const char *repository, const char *digest);
/* The next image of the repository with that blob, `*at` is 0 at first; NULL: none. */
const struct snapshot_image *images_with_blob(const struct distribution *registry,
                                              const struct store_snapshot *snapshot,
                                              const char *repository, const char *digest,
                                              size_t *at);

/* An image of the store that is open. */
struct opened {
    struct store_image image;
    struct store_pack pack;
};
#define OPENED_INIT                                                                                \
    {                                                                                              \
        .image = STORE_IMAGE_INIT                                                                  \
    }
void opened_release(struct opened *opened); /* usable with AUTO() */
/* Opens the image. ERR_TRANSIENT: the store has another one in its place by now, or none. */
int images_open(const struct distribution *registry, const struct snapshot_image *image,
                struct opened *out, struct err *err);
/* The blob: either `*fd`, which the caller closes, or bytes, which are lent and verified. The bytes
 * of a file are not verified. ERR_NOT_FOUND: the image does not hold it. */
int opened_blob(const struct opened *opened, const char *digest, int *fd, const struct buf **bytes,
                struct err *err);

#endif
