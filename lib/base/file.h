/* Files: whole reads with a bound, whole writes, copies that share storage. */
#ifndef WASME_BASE_FILE_H
#define WASME_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the file's bytes to `out`; more than out->max is ERR_DAMAGED. `dirfd` is a folder's
 * descriptor or AT_FDCWD; `shown` is how errors name the file (NULL: as `path`). The call is for
 * files that the program finds by itself: a pipe, a socket, a device or a folder in the place of
 * one is an error that names it, never a wait. /dev/null is an empty file.
 */
int file_read(int dirfd, const char *path, const char *shown, struct buf *out, struct err *err);
/* The same for a file that the user named: a shell's <(command) is read to its end, and can be read
 * only once. */
int file_read_named(const char *path, struct buf *out, struct err *err);
/* The same from a descriptor, up to its end, or until stop_check() says so. */
int file_read_fd(int fd, const char *shown, struct buf *out, struct err *err);
/* Whether the path leads to a regular file. */
bool file_is_regular(const char *path);
/* Whether nobody wrote the file between the two looks at it: a write changes at least the ctime,
 * which no program can set back. */
bool file_is_same(const struct stat *before, const struct stat *after);
/* Opens for reading a regular file (anything else is an error that names it), close-on-exec. */
int file_open_regular(const char *path, int *fd, off_t *size, struct err *err);
/* Writes all of it, whatever the kernel takes at a time. `shown` names the file in errors. */
int file_write_all(int fd, const void *data, size_t len, const char *shown, struct err *err);
/* Creates `path` below `dirfd` (it must not exist), writes it, and syncs it to disk. */
int file_create(int dirfd, const char *path, const void *data, size_t len, struct err *err);
/* The same without the sync, which the caller owes; `*fd` is open for writing. */
int file_create_open(int dirfd, const char *path, const void *data, size_t len, int *fd,
                     struct err *err);
/* A file without a name in the folder, for reading and writing; gone when it is closed. */
int file_temporary(const char *folder, int *fd, struct err *err);
/* Gives the new file `fd` the mode of the file `old` (at `shown`) whose place it is to take, and
 * its owner and group where the system lets us, as it lets root. When the group cannot be kept,
 * no group gets rights. */
int file_set_access(int fd, const struct stat *old, const char *shown, struct err *err);
/* Flushes the file or folder to disk. */
int file_sync(int fd, const char *shown, struct err *err);
/* Copies all of `from` (from its start) to `to`, an empty file: shares the blocks where the file
 * system can. */
int file_copy(int from, int to, struct err *err);
/* The same to whatever `to` is, from its present position. */
int file_send(int from, int to, struct err *err);

#endif
