/*
 * Archives as `docker save` before version 25, podman and skopeo's docker-archive write them
 * (Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format"):
 * manifest.json names each image's config and its layers. Such an archive has no blobs and no
 * manifests; docker_archive_read() makes them.
 */
#ifndef WASME_STORE_TRANSIT_DOCKER_ARCHIVE_H
#define WASME_STORE_TRANSIT_DOCKER_ARCHIVE_H

#include "image/index.h"
#include "store/transit/archive.h"

#define DOCKER_ARCHIVE_LIST "manifest.json"
#define DOCKER_ARCHIVE_OLD_LIST "repositories" /* all that Docker before 1.10 wrote */

/* A blob that was made: bytes in `made_blobs.fd`. */
struct made_blob {
    struct digest digest;
    long long at, size;
    char *layer;            /* owned: the layer's name in the archive; NULL: not a layer */
    struct digest content;  /* of the layer's tar, uncompressed; "" when that was not read */
    const char *media_type; /* of a layer */
};

struct made_blobs {
    int fd; /* a file without a name; -1: nothing was made */
    struct made_blob *items;
    size_t count;
};
void made_blobs_release(struct made_blobs *blobs); /* usable with AUTO() */
/* The blob of that digest; NULL when there is none. */
const struct made_blob *made_blobs_find(const struct made_blobs *blobs,
                                        const struct digest *digest);

/* Makes Docker manifests, with layers compressed as `docker push` sends them, and the index of the
 * images by their tags. A layer of more than `max_size` bytes is refused. `blobs` and `index` are
 * released even after an error. */
int docker_archive_read(const struct archive *archive, long long max_size, struct made_blobs *blobs,
                        struct image_index *index, struct err *err);

#endif
