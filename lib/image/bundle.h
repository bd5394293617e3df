/* An image that is ready to go to a registry or into an archive. Everything in it is lent. */
#ifndef WASME_IMAGE_BUNDLE_H
#define WASME_IMAGE_BUNDLE_H

#include "image/descriptor.h"
#include "image/ref.h"

struct bundle_blob {
    const struct descriptor *descriptor;
    const char *data; /* the bytes; NULL: they are in `fd` */
    int fd;           /* read from the start with pread, which may happen more than once */
};

struct bundle {
    const char *manifest; /* the bytes: of an image, or of an index, which has no blobs */
    size_t manifest_len;
    const char *media_type; /* to send the manifest as */
    struct digest digest;   /* of the manifest */
    const struct bundle_blob *blobs;
    size_t blob_count;
    /* A repository that has the blobs; each `fd` is then an empty file, through which the blob
     * passes when the target cannot mount it. NULL: the blobs are here. */
    const struct ref *origin;
    long long pass_max; /* with `origin`: bytes of a blob that may pass through this machine */
};

#endif
