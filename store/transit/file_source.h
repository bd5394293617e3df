/* An image in files, as an upload leaves it, as a source of images: see source.h. */
#ifndef WASME_STORE_TRANSIT_FILE_SOURCE_H
#define WASME_STORE_TRANSIT_FILE_SOURCE_H

#include "store/transit/source.h"

struct file_source_blob {
    struct digest digest;
    int fd; /* read from its start; its position changes */
};

/* All is lent. */
struct file_source {
    const char *manifest; /* the bytes, at most MANIFEST_MAX */
    size_t manifest_len;
    const struct file_source_blob *blobs; /* the config and the layers */
    size_t count;
};

/*
 * The source of the manifest's image. ERR_NOT_FOUND: the reference names another digest than the
 * manifest's, or a blob is not among the files. ERR_DAMAGED: a file has another digest or another
 * size than the manifest says.
 */
struct image_source source_from_files(struct file_source *source);

#endif
