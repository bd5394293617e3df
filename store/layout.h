/*
 * The store on disk; only the files of this folder read it or write to it.
 *
 *   DIR/MD5/               an image; the MD5 is that of its full reference
 *     image_ref              the full reference
 *     descriptor.json        the descriptor of filter.wasm
 *     runtime-config.json
 *     filter.wasm
 *
 *     manifest.json          the manifest as it came; this and the next three files are kept only
 *                            where a push would not make the same manifest from the four above
 *     config.json            the manifest's config blob, where that is not runtime-config.json
 *     sha256-HEX             a layer of the manifest, where that is not filter.wasm
 *     form.json              the form of the image, and the digests of the filter.wasm and the
 *                            runtime-config.json that were taken out of it
 *
 *     (anything else)        a user's own; it stays when the image is replaced
 *
 *   DIR/.lock              flock: held while an image appears, is replaced, or goes
 *   DIR/.new-RANDOM        a file on its way into an image. flock: held while its writer lives; a
 *                          later writer removes a file that nobody has locked
 *   DIR/.part-HEX          the same for the blob of that SHA-256. The bytes that an earlier run got
 *                          wait here for the next run, until they are older than
 *                          STORE_PART_LIFE; fewer than STORE_PART_MIN do not wait
 *   DIR/.stage-RANDOM/     an image about to appear, or one that was just replaced or removed; a
 *                          later writer removes it
 *   DIR/.old-MD5/          an image that is being replaced, where the file system cannot exchange
 *                          two folders, or cannot rename this one; a later writer puts it back,
 *                          unless the new image is there
 *
 * The original wasme skips files in DIR, but its list fails on a folder that is no image; so
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
#define STORE_BLOB_PREFIX "sha256-" /* followed by 64 hex digits */

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
    int fd;    /* -1 until the folder is there for the first time */
    struct lock_wait wait;
};

/* A file on its way into an image. */
struct store_file {
    struct store *store;
    int fd;                    /* locked */
    char name[STORE_NAME_MAX]; /* in the store's folder; "" when the file has moved into an image */
    long long kept;            /* bytes that an earlier run left */
    bool partial;              /* a file that goes into no image may be of use to a later run */
};

/* Opens the store's folder, when that has not been done or when the folder is another one by now.
 * False: there is none. The number of the descriptor stays, since a thread may be using it. */
bool layout_open(struct store *store);
/* Makes the store's folder when it is missing. */
int layout_ensure(struct store *store, struct err *err);
/* ERR_NOT_FOUND, in the same words everywhere. */
int layout_no_image(const struct store *store, const struct ref *ref, struct err *err);
/* `prefix` and 16 random hex digits. */
void layout_random_name(const char *prefix, char out[STORE_NAME_MAX]);
/* Waits for the store's lock and cleans up after dead writers; closing `*fd` unlocks. */
int layout_lock(struct store *store, int *fd, struct err *err);

/*
 * An image that came with a container's image lies in a lower layer of an overlay, and a folder
 * there cannot be renamed (EXDEV). This call puts a folder of the upper layer with the same files
 * in its place. A process that is killed meanwhile leaves one of the two whole: the copy waits as
 * .old-MD5 before the first file of the other goes, which is image_ref.
 */
int layout_make_movable(struct store *store, const char *name, struct err *err);

/*
 * Puts the folder `stage` in the place of `name`. `stage` becomes "" when the image is in its
 * place, whatever fails afterwards. `old` is then the name under which the old image waits, if
 * there was one. The caller removes that folder when the store's folder has been synced and not
 * before, since a power cut must not undo the exchange and leave an empty image. The caller holds
 * the lock. With `exchange` false, the call does as on a file system that cannot exchange folders.
 */
int layout_place(struct store *store, char stage[STORE_NAME_MAX], const char *name, bool exchange,
                 char old[STORE_NAME_MAX], struct err *err);

#endif
