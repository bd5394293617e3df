/*
 * Reading tar archives, plain or compressed by gzip or zstd: the layers of images, and the archives
 * of `wasme load`. An archive is read entry by entry, and nothing is ever written to a path that it
 * names. tar_write.h has the writing, tar_packing.h tells a compression.
 *
 * Formats: ustar, pax and GNU tar (POSIX.1-2008, pax, "ustar Interchange Format"); RFC 1952;
 * RFC 8878. libarchive does the work, and is loaded when first used.
 */
#ifndef WASME_BASE_TAR_H
#define WASME_BASE_TAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define TAR_ENTRIES_MAX 100000 /* entries that are read */
#define TAR_NAME_MAX 4096      /* bytes of an entry's name */
/* The limit for what compressed bytes may become: TAR_FREE bytes, and TAR_RATIO_MAX more for each
 * compressed byte. The ratio is the highest that gzip can reach. */
#define TAR_FREE (64LL * 1024 * 1024)
#define TAR_RATIO_MAX 1032

struct tar_reader;

struct tar_entry {
    const char *name; /* as in the archive, borrowed until the next entry; "": no readable name */
    const char *link; /* the target of a link of either kind; borrowed likewise; NULL: no link */
    long long size;   /* bytes; 0 for all but regular files */
    long long at;     /* decompressed bytes that come before its own; -1: a sparse file */
    bool is_regular;  /* a file with bytes of its own: no link, folder or device */
    bool is_symlink;
};

/*
 * Begins at the start of `fd`, a file. The reader finds out the compression, and takes off one:
 * an archive that is compressed twice counts as no tar archive. `shown` names the archive in
 * errors. `shown` and `fd` are lent.
 *
 * The reader fails with ERR_DAMAGED, and states the limit, when more than `max_bytes` come out of
 * the compression or out of the entries (with the holes of sparse files), or more than the file's
 * own size allows (TAR_RATIO_MAX). Reading ends early by base/stop.h.
 */
int tar_open(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
             struct err *err);
/* The same for compressed bytes of any kind: they are one entry of an unknown size (-1). */
int tar_open_stream(int fd, const char *shown, long long max_bytes, struct tar_reader **out,
                    struct err *err);
void tar_close_at(struct tar_reader **reader); /* for AUTO(); takes NULL */

/* Goes to the next entry; `*more` is false when there is none. ERR_DAMAGED: the file is no tar
 * archive, is cut short, or goes past a limit. */
int tar_next(struct tar_reader *reader, struct tar_entry *out, bool *more, struct err *err);
/* Gives the entry's bytes to `take` piece by piece, until `take` returns a code other than 0, which
 * is then the result. An entry of more than `max` bytes is ERR_DAMAGED, before the first piece
 * where the archive states the size. Once per entry, as the two below. */
int tar_each_piece(struct tar_reader *reader, long long max,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   struct err *err);
/* Writes the entry's bytes to a descriptor, from its present position. */
int tar_copy(struct tar_reader *reader, int to, long long max, struct err *err);
/* Appends the entry's bytes to `out`; more than out->max are ERR_DAMAGED. */
int tar_read(struct tar_reader *reader, struct buf *out, struct err *err);

/* How many bytes came out of the compression so far, headers and padding among them. */
long long tar_position(const struct tar_reader *reader);

#endif
