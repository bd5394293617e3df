/*
 * Files by their names, as a tar archive or a folder holds them. An archive is read once, from its
 * start to its end; what is compressed goes into a file without a name on the way.
 */
#ifndef WASME_STORE_TRANSIT_ARCHIVE_H
#define WASME_STORE_TRANSIT_ARCHIVE_H

#include "base/buf.h"
#include "base/err.h"

/* Bytes that standard input may bring, and that a compressed archive may unpack to; a file that is
 * not compressed may have any size. */
#define ARCHIVE_MAX (16LL * 1024 * 1024 * 1024)

/* Copies all that comes from a pipe into a file without a name, `*out`, in which names can be
 * looked up. More than `max` bytes are ERR_DAMAGED before they are written. */
int archive_spool(int from, long long max, const char *spool_dir, int *out, struct err *err);

struct archive_entry {
    char *name; /* owned, without "./" in front */
    char *link; /* owned: the target of a link; or NULL */
    bool is_symlink;
    size_t number; /* among the archive's entries: a later entry of the same name counts */
    long long at, size;
};

struct archive {
    const char *shown;             /* how errors name it; lent */
    const char *spool_dir;         /* the folder for files without a name; lent */
    char *folder;                  /* owned; NULL: a tar archive */
    int fd;                        /* has the entries' bytes; -1: a folder */
    struct archive_entry *entries; /* owned, sorted by name */
    size_t count;
};

/* Bytes of a file: `size` from `at` on. */
struct archive_file {
    int fd; /* owned */
    long long at, size;
};

/* Opens a folder, a tar archive (plain, gzip or zstd), or standard input ("-"). Files of more
 * than `max_file` bytes in a compressed archive are not unpacked. `out` is released even after
 * an error. */
int archive_open(const char *path, long long max_file, const char *spool_dir, struct archive *out,
                 struct err *err);
void archive_release(struct archive *archive); /* usable with AUTO() */

/* Finds a file by its name; links within the archive are followed. ERR_NOT_FOUND: there is none. */
int archive_find(const struct archive *archive, const char *name, struct archive_file *out,
                 struct err *err);
void archive_file_release(struct archive_file *file); /* usable with AUTO() */
/* Appends the whole file to `out`; more than out->max is ERR_DAMAGED. */
int archive_read(const struct archive *archive, const char *name, struct buf *out, struct err *err);

/* Gives the bytes of the file to `take`, piece by piece. */
int archive_file_each(const struct archive_file *file,
                      int (*take)(void *arg, const void *data, size_t len, struct err *err),
                      void *arg, struct err *err);

#endif
