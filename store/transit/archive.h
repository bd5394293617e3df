/*
 * Files by their names, as a tar archive or a folder holds them. An archive is read once, from its
 * start to its end; what is compressed goes into a file without a name on the way.
 */
#ifndef WASME_STORE_TRANSIT_ARCHIVE_H
#define WASME_STORE_TRANSIT_ARCHIVE_H

#include "base/buf.h"
#include "base/err.h"

/* What standard input may bring, and what compressed bytes may come to; a file that is not
 * compressed may have any size. */
#define ARCHIVE_MAX (16LL * 1024 * 1024 * 1024)

/* What comes by a pipe is looked up in: it goes into a file without a name first, which `*out` is
 * then. More than `max` bytes are ERR_DAMAGED before they are kept. */
int archive_spool(int from, long long max, const char *spool_dir, int *out, struct err *err);

struct archive_entry {
    char *name; /* owned, without "./" in front */
    char *link; /* owned: where a link leads; or NULL */
    bool is_symlink;
    size_t number; /* of the archive's entries: a later one of the same name replaces it */
    long long at, size;
};

struct archive {
    const char *shown;             /* how errors name it; lent */
    const char *spool_dir;         /* where files without a name are made; lent */
    char *folder;                  /* owned; NULL: it is an archive */
    int fd;                        /* where the entries' bytes are; -1: a folder */
    struct archive_entry *entries; /* owned, sorted by name */
    size_t count;
};

/* Bytes of a file: `size` from `at` on. */
struct archive_file {
    int fd; /* owned */
    long long at, size;
};

/* A folder, an archive (plain, gzip or zstd), or standard input ("-"). Files in compressed bytes
 * that have more than `max_file` are left out. To be released also when this fails. */
int archive_open(const char *path, long long max_file, const char *spool_dir, struct archive *out,
                 struct err *err);
void archive_release(struct archive *archive); /* usable with AUTO() */

/* Links within the archive are followed. ERR_NOT_FOUND: there is no such file. */
int archive_find(const struct archive *archive, const char *name, struct archive_file *out,
                 struct err *err);
void archive_file_release(struct archive_file *file); /* usable with AUTO() */
/* The whole file appended to `out`; more than out->max is ERR_DAMAGED. */
int archive_read(const struct archive *archive, const char *name, struct buf *out, struct err *err);

/* Gives the bytes to `take`, piece by piece. */
int archive_file_each(const struct archive_file *file,
                      int (*take)(void *arg, const void *data, size_t len, struct err *err),
                      void *arg, struct err *err);

#endif
