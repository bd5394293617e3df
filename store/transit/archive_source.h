/* An archive or folder of images as a source of images: see source.h. */
#ifndef WASME_STORE_TRANSIT_ARCHIVE_SOURCE_H
#define WASME_STORE_TRANSIT_ARCHIVE_SOURCE_H

#include "image/index.h"
#include "store/transit/archive.h"
#include "store/transit/docker_archive.h"
#include "store/transit/source.h"

struct archive_source {
    struct archive archive;
    long long max_size; /* bytes of one blob */
    struct image_index index;
    struct made_blobs made; /* of an archive of Docker's older kind */
};

#define ARCHIVE_SOURCE_INIT                                                                        \
    {                                                                                              \
        .archive = {.fd = -1}, .made = {.fd = -1},                                                 \
    }

/* Opens an OCI layout or an archive of Docker's older kind, and reads which images it has. `path`
 * ("-": standard input) and `spool_dir` are lent. `out` is released even after an error. */
int archive_source_open(const char *path, long long max_size, const char *spool_dir,
                        struct archive_source *out, struct err *err);
void archive_source_release(struct archive_source *source); /* usable with AUTO() */
/* The source of the archive's images, whose references must name a digest. */
struct image_source source_from_archive(struct archive_source *source);
/* The reason why the image of that number is not loaded as a filter ("an attestation"); NULL:
 * none. */
const char *archive_source_beside(const struct archive_source *source, size_t number);

#endif
