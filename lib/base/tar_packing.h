/*
 * How bytes are packed: which compression, or which kind of archive, the first bytes of a file
 * belong to (RFC 1952, section 2.3.1; RFC 8878, section 3.1.1).
 */
#ifndef WASME_BASE_TAR_PACKING_H
#define WASME_BASE_TAR_PACKING_H

#include <stddef.h>

#include "base/err.h"

/* The compressions that wasme reads. */
enum tar_packing {
    TAR_PLAIN, /* neither of the two below: a tar archive, or anything else */
    TAR_GZIP,
    TAR_ZSTD,
};

/* Looks at the first bytes of a file with pread; the position of `fd` does not move. `shown` names
 * the file in errors. */
int tar_look(int fd, const char *shown, enum tar_packing *out, struct err *err);
/* The same for bytes in memory. Four bytes are enough. */
enum tar_packing tar_packing_of(const void *data, size_t len);
/* The name of a compression or of an archive that wasme does not read, by its first bytes: "xz",
 * "zip" and others; NULL when the bytes are none of those. */
const char *tar_unread_format(const void *data, size_t len);

#endif
