/*
 * The files of an image layout (OCI image specification, image-layout.md) that are not blobs:
 * oci-layout and index.json, and the names that tools give to the images in it.
 */
#ifndef WASME_IMAGE_LAYOUT_H
#define WASME_IMAGE_LAYOUT_H

#include "image/descriptor.h"
#include "image/index.h"

#define LAYOUT_FILE "oci-layout"
#define LAYOUT_FILE_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define LAYOUT_INDEX "index.json"
#define LAYOUT_BLOBS "blobs/sha256/"

/* An image of the layout's index. */
struct layout_image {
    const char *media_type; /* of the manifest */
    struct digest digest;
    long long size;
    const char *name; /* the full reference: containerd's and Docker's annotation; or NULL */
    const char *tag;  /* ANNOTATION_REF_NAME; or NULL */
};

void layout_write_index(const struct layout_image *images, size_t count, struct buf *out);
/* The reference that the child's annotations name; NULL where they name none, or a tag alone. */
const char *layout_name(const struct index_child *child);

#endif
