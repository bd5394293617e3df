/*
 * All images of a store as of one moment, with what lists, pages and a registry say of them. A
 * snapshot does not change, and any thread may read one; a new snapshot takes over what it can from
 * the one before, so that a change of one image costs the reading of that image alone.
 *
 * The facts say what the files of the store name; the bytes of wasm and layers are not verified.
 */
#ifndef WASME_STORE_SNAPSHOT_H
#define WASME_STORE_SNAPSHOT_H

#include <stdatomic.h>

#include "store/store.h"

/* A blob of an image's manifest. */
struct snapshot_blob {
    struct digest digest;
    long long size;
    bool elsewhere; /* registries do not hold the blob: see image/descriptor.h */
};

struct snapshot_image {
    atomic_int owners;            /* snapshots that have the image */
    char *ref;                    /* full reference */
    char folder[MD5_HEX_LEN + 1]; /* the name of its folder in the store */
    struct descriptor wasm;       /* of filter.wasm */
    time_t updated;
    /* The manifest that a push would send; no digest ("") when a fault of the image prevents
     * one. */
    struct digest manifest;
    long long manifest_size;
    char *media_type;            /* of the manifest */
    const char *form;            /* form_name() of the image; NULL: none is known */
    struct snapshot_blob *blobs; /* the config, then the layers in order */
    size_t blob_count;
    struct digest stamp; /* of the facts of the folder's files; "": read the image again */
};

struct store_snapshot {
    atomic_int owners;
    size_t count;
    struct snapshot_image **images;  /* by name, then oldest first, then by reference */
    struct snapshot_image **folders; /* the same, by the name of the folder */
};

/*
 * Reads the store. Images of `before` (or NULL) that have not changed are taken over. A damaged
 * image is left out, and `notice` is told of it each time. The caller owns `*out`.
 */
int store_snapshot_make(struct store *store, const struct store_snapshot *before,
                        const struct notice *notice, struct store_snapshot **out, struct err *err);
/* One owner more; returns the snapshot. */
struct store_snapshot *store_snapshot_keep(struct store_snapshot *snapshot);
void store_snapshot_drop(struct store_snapshot *snapshot);     /* NULL is fine */
void store_snapshot_drop_at(struct store_snapshot **snapshot); /* for AUTO() */

/* The image in that folder, or under that full reference; NULL: none. */
const struct snapshot_image *snapshot_by_folder(const struct store_snapshot *snapshot,
                                                const char *folder);
const struct snapshot_image *snapshot_by_ref(const struct store_snapshot *snapshot,
                                             const char *full);
/* Whether `now`, made with `before`, has the very images of `before`. */
bool snapshot_same(const struct store_snapshot *before, const struct store_snapshot *now);

#endif
