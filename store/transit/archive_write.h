/* Images into an archive that other tools read: a tar of the OCI image layout (image-layout.md). */
#ifndef WASME_STORE_TRANSIT_ARCHIVE_WRITE_H
#define WASME_STORE_TRANSIT_ARCHIVE_WRITE_H

#include "image/bundle.h"

/* An image for the archive; lent. */
struct archived {
    const struct ref *ref; /* the name that the archive has for it */
    const struct bundle *bundle;
};

/* Writes the whole archive to `fd`; a blob that several images have is written once. ERR_DAMAGED
 * when the bytes of a layer do not have the digest in its descriptor. */
int archive_write(int fd, const struct archived *images, size_t count, struct err *err);

#endif
