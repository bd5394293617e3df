/*
 * The local image store: one folder per image, named by the MD5 of its full reference, with the
 * four files of the original wasme (image_ref, descriptor.json, runtime-config.json, filter.wasm)
 * and, beside them, those that only we need. layout.h has the whole layout on disk.
 *
 * Every change is a transaction: readers see the old image or the new one, never a mix, whatever
 * happens to the writer. Writers of one store take turns for the moment of the change. (On a file
 * system that cannot exchange two folders, a killed writer may leave the old image out of lists
 * until the next change of the store brings it back.)
 *
 * store.c opens the store and walks it, entry.c reads an image and its files, commit.c puts images
 * into it (stage.c makes their folders, sync.c waits for the disk), change.c tags and removes.
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
/* Sets how changes wait for the store's lock; the things that `wait` points to outlive the
 * store. */
void store_set_wait(struct store *store, const struct lock_wait *wait);
void store_close(struct store *store);
void store_close_at(struct store **store); /* for AUTO() */
const char *store_dir(const struct store *store);

/* An image as its folder says. All of it is of one moment, however the store changes. */
struct store_image {
    char *ref;               /* full reference */
    char *dir;               /* absolute path of its folder */
    struct descriptor layer; /* the wasm layer's descriptor */
    time_t updated;          /* when the image last changed */

    /* Only of an image that was asked for; store_each() leaves these alone. */
    int dirfd;                 /* the image's folder; may be gone from the store by now */
    int wasm;                  /* filter.wasm, of the descriptor's size; read it with pread() */
    struct buf runtime_config; /* bytes of runtime-config.json */
    struct buf manifest;       /* bytes of manifest.json; empty when there is none */
    struct buf config_blob;    /* bytes of config.json; likewise */
    struct buf form;           /* bytes of form.json; likewise */
};

#define STORE_IMAGE_INIT                                                                           \
    {                                                                                              \
        .dirfd = -1, .wasm = -1                                                                    \
    }

/* The filter of an image that was asked for; lent by the image. */
struct filter store_image_filter(const struct store_image *image);
void store_image_release(struct store_image *image); /* usable with AUTO() */

/* Reads the image under the reference. ERR_NOT_FOUND when there is none; ERR_DAMAGED names the
 * folder and the fault. */
int store_get(struct store *store, const struct ref *ref, struct store_image *out, struct err *err);
/* Reads the image in the folder of that name, 32 hex digits. */
int store_get_folder(struct store *store, const char *name, struct store_image *out,
                     struct err *err);

/*
 * Calls `visit` for each image, in no order, until a call returns non-zero, which is then the
 * result; the image is lent. A damaged folder is a warning that names it, and the walk goes on.
 */
int store_each(struct store *store, int (*visit)(void *arg, const struct store_image *image),
               void *arg, const struct notice *notice, struct err *err);

/* Whether a file of that name in an image's folder is one of the store's. */
bool store_is_part(const char *name);
/* Opens such a file for reading, as a descriptor of its own. ERR_NOT_FOUND when the image has none
 * of that name, or has been replaced meanwhile. */
int store_open_part(const struct store_image *image, const char *name, int *fd, struct err *err);

/*
 * Puts the image under the reference, in place of the one that was there. After a failure the store
 * is as before (but for a disk that fails in the very last sync: then the new image is there, and
 * may not outlive a crash of the system). The caller ends the files in either case.
 */
int store_commit(struct store *store, const struct ref *ref, const struct store_parts *parts,
                 struct err *err);

/* One of several images that go into the store together. `ref` and `parts` are lent. */
struct store_change {
    const struct ref *ref;
    const struct store_parts *parts;
    int rc; /* 0 before the call; afterwards the result for this image, as of store_commit() */
    struct err err;
};

/*
 * Does the same for several images in hardly more time than for one: the disk is waited for once.
 * Each image is a change of its own, with its own result: a power cut leaves the old or the new
 * one of each. With the same reference twice, the later image stays.
 */
void store_commit_all(struct store *store, struct store_change *changes, size_t count);

/* Gives an image a second reference; its wasm is shared, not copied. */
int store_tag(struct store *store, const struct ref *from, const struct ref *to, struct err *err);
/* Removes the image under the reference. ERR_NOT_FOUND when there is none. */
int store_remove(struct store *store, const struct ref *ref, struct err *err);

#endif
