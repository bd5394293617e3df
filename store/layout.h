/*
 * The store on disk; only the files of this folder look in here.
 *
 *   <dir>/<md5 of the full reference>/   an image
 *   <dir>/.lock                          flock: held while the folder of images is changed
 *   <dir>/.new-<random>                  a file being written; flock: held while its writer lives
 *   <dir>/.part-<sha256>                 a blob being fetched, or what an earlier run has of it;
 * flock likewise; removed when older than STORE_PART_LIFE or smaller than STORE_PART_MIN
 * <dir>/.stage-<random>/ an image about to appear, or one that was just replaced <dir>/.old-<md5>/
 * an image being replaced where the file system cannot exchange two folders, or cannot rename it
 *
 * The original wasme skips files in <dir>, but its list fails on a folder that is no image; so
 * folders other than images exist only while the lock is held.
 */
#ifndef WASME_STORE_LAYOUT_H
#define WASME_STORE_LAYOUT_H

#include <stdbool.h>

#include "base/lock.h"
#include "store/store.h"

#define STORE_REF "image_ref"
#define STORE_DESCRIPTOR "descriptor.json"
#define STORE_CONFIG "runtime-config.json"
#define STORE_WASM "filter.wasm"
#define STORE_MANIFEST "manifest.json"
#define STORE_CONFIG_BLOB "config.json"
#define STORE_FORM "form.json"
#define STORE_BLOB_PREFIX "sha256-" /* and the 64 hex digits: a layer as it came */

#define STORE_NEW_PREFIX ".new-"
#define STORE_PART_PREFIX ".part-"
#define STORE_STAGE_PREFIX ".stage-"
#define STORE_OLD_PREFIX ".old-"
#define STORE_NAME_MAX 96

#define STORE_PART_LIFE (7 * 86400)   /* seconds after the last byte came */
#define STORE_PART_MIN (256 * 1024LL) /* bytes: less is not worth keeping */

#define STORE_DESCRIPTOR_MAX (64 * 1024)

struct store {
    char *dir; /* absolute */
    int fd;    /* -1 while the folder does not exist */
    struct lock_wait wait;
};

/* A file on its way into an image. */
struct store_file {
    struct store *store;
    int fd;                    /* locked */
    char name[STORE_NAME_MAX]; /* in the store's folder; "" when it has moved into an image */
    long long kept;            /* bytes that an earlier run left */
    bool partial;              /* what is there at the end may be of use to a later run */
};

/* Makes the store's folder when it is missing. */
int layout_ensure(struct store *store, struct err *err);
/* ERR_NOT_FOUND, in the same words everywhere. */
int layout_no_image(const struct store *store, const struct ref *ref, struct err *err);
/* `prefix` and 16 random hex digits. */
void layout_random_name(const char *prefix, char out[STORE_NAME_MAX]);
/* Waits for the store's lock and cleans up what dead writers left; closing `*fd` unlocks. */
int layout_lock(struct store *store, int *fd, struct err *err);

/*
 * A folder of an overlay's lower layer, an image that a container's image brought, cannot be
 * renamed (EXDEV): one of our own takes its place, with the same files. Whoever is killed meanwhile
 * leaves either of the two: a copy waits as .old-<md5> before the first file goes, which is
 * image_ref.
 */
int layout_make_movable(struct store *store, const char *name, struct err *err);

/*
 * Puts the folder `stage` in the place of `name`, and removes what was there once a power cut
 * cannot bring it back: not when the sync fails. `stage` becomes "" when the image is in its place,
 * whatever fails afterwards. The caller holds the lock. `exchange` false: as on a file system that
 * cannot exchange folders.
 */
int layout_publish(struct store *store, char stage[STORE_NAME_MAX], const char *name, bool exchange,
                   struct err *err);

#endif
