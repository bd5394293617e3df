/*
 * Tar archives, plain or compressed by gzip or zstd: the layers of images, and what save and load
 * carry. Read entry by entry; nothing is ever written to a path that an archive names. Written
 * reproducibly: the same entries give the same bytes.
 *
 * Formats: ustar, pax and GNU tar (POSIX.1-2008, pax, "ustar Interchange Format"); RFC 1952; RFC
 * 8878. libarchive does the work, and is loaded when first used.
 */
#ifndef WASME_BASE_TAR_H
#define WASME_BASE_TAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define TAR_ENTRIES_MAX 100000 /* entries that are read */
#define TAR_NAME_MAX 4096      /* bytes of an entry's name */
/* What compressed bytes may come to: so many bytes, and for each byte so many more. The latter is
 * what gzip can do at the most. */
#define TAR_FREE (64LL * 1024 * 1024)
#define TAR_RATIO_MAX 1032

/* What a descriptor holds, by its first bytes. */
enum tar_packing {
    TAR_PLAIN, /* neither of the two: a tar, or anything else */
    TAR_GZIP,
    TAR_ZSTD,
};

/* Looks at the first bytes with pread, so `fd` must be a file. */
int tar_look(int fd, const char *shown, enum tar_packing *out, struct err *err);
enum tar_packing tar_packing_of(const void *data, size_t len);
/* The name of a compression or archive that is not read, by its first bytes: "xz", "zip", ...;
 * NULL: none of those that are known. */
const char *tar_unread_format(const void *data, size_t len);

struct tar_reader;

struct tar_entry {
    const char *name; /* UTF-8 as in the archive, borrowed until the next entry; "" when it has none
                         that can be read */
    const char *link; /* where a link of either kind leads; borrowed likewise; NULL: it is none */
    long long size;   /* bytes; 0 when it is no regular file */
    long long at;     /* how many decompressed bytes come before its own; -1: they are not in one
                         piece */
    bool is_regular;  /* a file with bytes of its own: no link, folder or device */
    bool is_symlink;
};

/*
 * Begins at the start of `fd`, a file. The compression is found by itself, and is taken off once:
 * what is compressed twice is no tar. `shown` names the archive in errors and is lent, as `fd` is.
 * Once more than `max_bytes` come out of the compression, or of the entries with the holes of
 * sparse ones, or more than the file's own size allows, the reader fails with ERR_DAMAGED and
 * states that limit. Reading ends early by base/stop.h.
 */
int tar_open(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
             struct err *err);
/* The same for compressed bytes that are no tar: one entry of an unknown size (-1). */
int tar_open_stream(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
                    struct err *err);
void tar_close_at(struct tar_reader **reader); /* for AUTO(); takes NULL */

/* Goes to the next entry; `*more` is false when there is none. ERR_DAMAGED: no tar, cut short, or
 * past a limit. */
int tar_next(struct tar_reader *reader, struct tar_entry *out, bool *more, struct err *err);
/* Once per entry: gives its bytes to `take` piece by piece, until that returns non-zero, which is
 * then the result. More than `max` bytes are ERR_DAMAGED, known before the first is given where
 * the archive says the size. */
int tar_each_piece(struct tar_reader *reader, long long max,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   struct err *err);
/* The entry's bytes to a descriptor, from its present position. */
int tar_copy(struct tar_reader *reader, int to, long long max, struct err *err);
/* The entry's bytes appended to `out`; more than out->max are ERR_DAMAGED. */
int tar_read(struct tar_reader *reader, struct buf *out, struct err *err);

/* The bytes that came out of the compression so far, headers and padding with them. */
long long tar_position(const struct tar_reader *reader);

struct tar_writer;

/*
 * Begins a ustar archive at the present position of `fd`: plain or gzip (level 6, no name and no
 * time in its header). Every entry is a regular file of mode 0644 and owner 0:0 with the time
 * `mtime` (seconds since 1970). `shown` and `fd` are lent.
 */
int tar_create(int fd, const char *shown, enum tar_packing packing, long long mtime,
               struct tar_writer **out, struct err *err);
/* Names have at most 100 bytes, or 255 with a slash in the right place. */
int tar_add(struct tar_writer *writer, const char *name, const void *data, size_t len,
            struct err *err);
/* The first `size` bytes of a file (pread); fewer in it is an error. */
int tar_add_fd(struct tar_writer *writer, const char *name, int from, long long size,
               struct err *err);
/* Begins compressed bytes (gzip, as above) that are no tar; tar_add_more() adds to them. */
int tar_create_stream(int fd, const char *shown, struct tar_writer **out, struct err *err);
int tar_add_more(struct tar_writer *writer, const void *data, size_t len, struct err *err);
/* Writes the end. Without it, or after an error, what was written is no archive. */
int tar_finish(struct tar_writer *writer, struct err *err);
void tar_abandon_at(struct tar_writer **writer); /* for AUTO(); after tar_finish() too */

#endif
