/*
 * The folder of a served registry: all that was pushed, whether wasme reads it or not. An image
 * that is a filter lies in the store too, which shares its bytes with this folder.
 *
 *   DIR/blobs/ALGORITHM/HEX        the bytes of a blob or a manifest
 *   DIR/repositories/NAME/         a repository; no part of its name begins with '_'
 *     _blobs/ALGORITHM-HEX         a blob that the repository has; empty
 *     _manifests/ALGORITHM-HEX     a manifest; the file has its media type
 *     _tags/TAG                    a tag of what is no image of the store; the file has the digest
 *     _referrers/ALGORITHM-HEX/    the manifests that name a manifest as their subject:
 *       ALGORITHM-HEX              an empty file for each
 *   DIR/uploads/ID                 an upload; its bytes so far
 *   DIR/uploads/.new-RANDOM        a file on its way to another place
 *   DIR/.writer                    flock: held by the one server that writes; has the number of its
 *                                  process
 *   DIR/.change                    flock: held while a link is checked and made, or garbage
 *                                  removed
 *
 * Each file is written, synced and renamed to its place, and then its folder is synced: a process
 * that is killed leaves whole files, and at most leftovers in uploads/. The order of a change is
 * such that a link never comes before what it leads to.
 */
#ifndef WASME_STORE_DISTRIBUTION_DEPOT_H
#define WASME_STORE_DISTRIBUTION_DEPOT_H

#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

#define DEPOT_BLOBS "_blobs"
#define DEPOT_MANIFESTS "_manifests"
#define DEPOT_TAGS "_tags"
#define DEPOT_REFERRERS "_referrers"

enum { DEPOT_LINK_MAX = 1024, DEPOT_ENTRY_MAX = DIGEST_ANY_TEXT_LEN };

enum depot_use {
    DEPOT_READ,
    DEPOT_CHANGE, /* links and blobs are removed, also while a server writes */
    DEPOT_SERVE,  /* everything; one process at a time, and the one that takes over from it */
};

struct depot {
    char *dir;  /* absolute */
    int writer; /* the lock of the server that writes; or -1 */
    int change; /* the file of the other lock; or -1 */
    pthread_mutex_t mutex;
};

/*
 * A folder that does not exist is empty. DEPOT_SERVE makes the folder, and fails when another
 * process serves it so, unless that one handed over its lock: a copy of its `writer`, or -1, which
 * is closed in any case. DEPOT_CHANGE: ERR_NOT_FOUND when there is no folder.
 */
int depot_open(const char *dir, enum depot_use use, int lock, struct depot **out, struct err *err);
void depot_close(struct depot *depot); /* NULL is fine */

/* Between the two calls, nobody else changes links or removes blobs. */
int depot_begin(struct depot *depot, struct err *err);
void depot_end(struct depot *depot);

/* Opens a blob. ERR_NOT_FOUND when there is none. The bytes are not verified. */
int depot_blob_open(const struct depot *depot, const struct digest_any *digest, int *fd,
                    long long *size, struct err *err);
/* Moves the file, which is synced and has that digest, to its place, and syncs the place. A file
 * that has the right bytes already stays instead. */
int depot_blob_take(const struct depot *depot, const char *path, const struct digest_any *digest,
                    struct err *err);
/* Puts bytes in their place. */
int depot_blob_write(const struct depot *depot, const char *data, size_t len,
                     const struct digest_any *digest, struct err *err);
/* Puts the file in its place as a second name of it; copies it where the file system cannot. */
int depot_blob_share(const struct depot *depot, int fd, const struct digest_any *digest,
                     struct err *err);

/* The name of the digest's link. */
void depot_entry(const struct digest_any *digest, char out[DEPOT_ENTRY_MAX + 1]);
/* The digest of a link; false for any other file. */
bool depot_entry_read(const char *name, struct digest_any *out);
/* The folder of the manifests with that subject; the caller frees it. */
char *depot_referrers(const struct digest_any *subject);

/* Makes the link, or gives it another text. `folder` is one of the repository's. */
int depot_link_set(const struct depot *depot, const char *repository, const char *folder,
                   const char *name, const char *text, struct err *err);
/* Adds the text of the link. ERR_NOT_FOUND. */
int depot_link_get(const struct depot *depot, const char *repository, const char *folder,
                   const char *name, struct buf *text, struct err *err);
bool depot_link_has(const struct depot *depot, const char *repository, const char *folder,
                    const char *name);
/* Removes the link. ERR_NOT_FOUND. */
int depot_link_drop(const struct depot *depot, const char *repository, const char *folder,
                    const char *name, struct err *err);
/* Removes many links, which are gone for good once the folder is synced: 0 for a folder that does
 * not exist. */
int depot_link_unlink(const struct depot *depot, const char *repository, const char *folder,
                      const char *name, struct err *err);
int depot_link_sync(const struct depot *depot, const char *repository, const char *folder,
                    struct err *err);
/* Calls `visit` for the name of each link, in no order, until a call returns non-zero, which is
 * then the result. A folder that does not exist has none. */
int depot_link_each(const struct depot *depot, const char *repository, const char *folder,
                    int (*visit)(void *arg, const char *name), void *arg, struct err *err);

/* Whether something was pushed to the repository. */
bool depot_has(const struct depot *depot, const char *repository);
/* Calls `visit` for each repository, in the same way. A folder that cannot be read, and a link in
 * the place of one, are an error, but only after all other repositories were visited. */
int depot_each(const struct depot *depot, int (*visit)(void *arg, const char *repository),
               void *arg, struct err *err);

#endif
