/*
 * The local image store: one folder per image, named by the MD5 of its full reference, with the
 * four files of the original wasme (image_ref, descriptor.json, runtime-config.json, filter.wasm)
 * and, beside them, what only we need (manifest.json, and config.json where the manifest's config
 * blob is not the runtime config).
 *
 * Every change is a transaction: readers see the old image or the new one, never a mix, whatever
 * happens to the writer. Writers of one store take turns for the moment of the change. (On a file
 * system that cannot exchange two folders, a killed writer may leave the old image out of lists
 * until the next change of the store brings it back.)
 *
 * store.c opens the store and walks it, entry.c reads an image, change.c makes the changes.
 */
#ifndef WASME_STORE_STORE_H
#define WASME_STORE_STORE_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/lock.h"
#include "base/notice.h"
#include "image/descriptor.h"
#include "image/ref.h"
#include "store/parts.h"

struct store;

/* Opens the store in `dir`, which need not exist: a missing store has no images, and the first
 * change makes it. */
int store_open(const char *dir, struct store **out, struct err *err);
/* How changes wait for the store's lock; what `wait` points to outlives the store. */
void store_set_wait(struct store *store, const struct lock_wait *wait);
void store_close(struct store *store);
void store_close_at(struct store **store); /* for AUTO() */
const char *store_dir(const struct store *store);

/* One image, as its folder says. All of it is of one moment, however the store changes. */
struct store_image {
    char *ref;               /* full reference */
    char *dir;               /* absolute path of its folder */
    struct descriptor layer; /* the wasm layer's descriptor */
    time_t updated;          /* when the image last changed */

    /* Only of an image that was asked for; store_each() leaves these alone. */
    int dirfd;                 /* its folder; may be gone from the store by now */
    int wasm;                  /* filter.wasm, of the descriptor's size; read it with pread() */
    struct buf runtime_config; /* bytes of runtime-config.json */
    struct buf manifest;       /* kept from a pull; empty when none was */
    struct buf config_blob;    /* the manifest's, where it is not the runtime config; else empty */
    struct buf form;           /* form.json, or empty */
};

#define STORE_IMAGE_INIT                                                                           \
    {                                                                                              \
        .dirfd = -1, .wasm = -1                                                                    \
    }

/* The filter of an image that was asked for; lent. */
struct filter store_image_filter(const struct store_image *image);
void store_image_release(struct store_image *image); /* usable with AUTO() */

/* ERR_NOT_FOUND when there is none; ERR_DAMAGED names the folder and what is wrong with it. */
int store_get(struct store *store, const struct ref *ref, struct store_image *out, struct err *err);
/* The same by the name of its folder, 32 hex digits. */
int store_get_folder(struct store *store, const char *name, struct store_image *out,
                     struct err *err);

/*
 * Calls `visit` for each image, in no order, until it returns non-zero, which is then the result;
 * the image is lent. A damaged folder is a warning that names it, and the walk goes on.
 */
int store_each(struct store *store, int (*visit)(void *arg, const struct store_image *image),
               void *arg, const struct notice *notice, struct err *err);

/* Whether an image folder has such a file for others to read. */
bool store_is_part(const char *name);
/* Any of those files for reading, by a descriptor of its own; ERR_NOT_FOUND when the image has none
 * of that name, or has been replaced meanwhile. */
int store_open_part(const struct store_image *image, const char *name, int *fd, struct err *err);

/*
 * Puts the image under the reference, in place of the one that was there. When it fails, the store
 * is as before (but for a disk that fails in the very last sync: then the new image is there, and
 * may not outlive a crash of the system). The files are still the caller's to end.
 */
int store_commit(struct store *store, const struct ref *ref, const struct store_parts *parts,
                 struct err *err);

/* Gives an image a second reference; its wasm is shared, not copied. */
int store_tag(struct store *store, const struct ref *from, const struct ref *to, struct err *err);
/* ERR_NOT_FOUND when there is none. */
int store_remove(struct store *store, const struct ref *ref, struct err *err);

#endif
