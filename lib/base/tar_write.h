/*
 * Writing tar archives: the layers of images, and the archives of `wasme save`. The same entries
 * give the same bytes. Format: ustar (POSIX.1-2008, pax, "ustar Interchange Format") and gzip
 * (RFC 1952). libarchive does the work, and is loaded when first used.
 */
#ifndef WASME_BASE_TAR_WRITE_H
#define WASME_BASE_TAR_WRITE_H

#include <stddef.h>

#include "base/err.h"
#include "base/tar_packing.h"

struct tar_writer;

/*
 * Begins a ustar archive at the present position of `fd`: plain or gzip (level 6, no name and no
 * time in its header). Every entry is a regular file of mode 0644 and owner 0:0, with the time 0
 * unless tar_set_time() says another. `shown` and `fd` are lent.
 */
int tar_create(int fd, const char *shown, enum tar_packing packing, struct tar_writer **out,
               struct err *err);
/* Sets the time of the entries that are added from now on, in seconds since 1970. */
void tar_set_time(struct tar_writer *writer, long long mtime);
/* Adds an entry. A name has at most 100 bytes, or 255 with a slash in the right place. */
int tar_add(struct tar_writer *writer, const char *name, const void *data, size_t len,
            struct err *err);
/* Adds an entry of the first `size` bytes of the file `from` (read with pread); a shorter file is
 * an error. */
int tar_add_fd(struct tar_writer *writer, const char *name, int from, long long size,
               struct err *err);
/* Begins a stream of bytes, compressed by gzip as above, without an archive around them. */
int tar_create_stream(int fd, const char *shown, struct tar_writer **out, struct err *err);
/* Adds bytes to such a stream. */
int tar_add_more(struct tar_writer *writer, const void *data, size_t len, struct err *err);
/* Writes the end. Without it, or after an error, the bytes written so far are no archive. */
int tar_finish(struct tar_writer *writer, struct err *err);
void tar_abandon_at(struct tar_writer **writer); /* for AUTO(); after tar_finish() too */

#endif
