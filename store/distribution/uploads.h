/*
 * The uploads of a registry that are under way. Each is a file, whose size is what came so far; its
 * hash is kept in memory, and computed again after a restart. The file is locked (flock) while a
 * request writes to it, since two processes serve during a restart.
 */
#ifndef WASME_STORE_DISTRIBUTION_UPLOADS_H
#define WASME_STORE_DISTRIBUTION_UPLOADS_H

#include <stdint.h>

#include "store/distribution/depot.h"

enum {
    UPLOADS_MAX = 1000,  /* at the same time */
    UPLOAD_LIFE = 86400, /* seconds after the last byte came, then the upload is removed */
    UPLOAD_ID_LEN = 40,  /* hex digits: 32 random ones, 8 of the repository's name */
};

struct upload {
    char id[UPLOAD_ID_LEN + 1];
    char *path;            /* owned: of its file */
    int fd;                /* while `busy`: at the end of the file */
    long long size;        /* bytes that came */
    struct hasher *hasher; /* owned: has the bytes of the file; NULL: they are to be read */
    enum digest_algorithm algorithm; /* of the hasher */
    bool busy;                       /* a request is writing to it */
    int64_t used;                    /* seconds since 1970 */
    struct upload *next;
};

struct uploads;

/* Reads which uploads an earlier server left. The depot is lent. */
struct uploads *uploads_new(const struct depot *depot);
void uploads_free(struct uploads *uploads); /* NULL is fine; the files stay */

/* Begins an upload to the repository; it is busy. ERR_DENIED: there are too many. */
int uploads_begin(struct uploads *uploads, const char *repository, enum digest_algorithm algorithm,
                  struct upload **out, struct err *err);
/* Finds an upload of the repository and makes it busy. ERR_NOT_FOUND; ERR_TRANSIENT: another
 * request is writing to it. */
int uploads_take(struct uploads *uploads, const char *repository, const char *id,
                 struct upload **out, struct err *err);
/* Adds bytes to a busy upload. After an error, the upload has the bytes of before. ERR_FULL. */
int uploads_add(struct upload *upload, const void *data, size_t len, struct err *err);
/* Lets go of a busy upload, which goes on later. */
void uploads_rest(struct uploads *uploads, struct upload *upload);
/* Ends a busy upload, and removes its file if that is still there. */
void uploads_end(struct uploads *uploads, struct upload *upload);

#endif
