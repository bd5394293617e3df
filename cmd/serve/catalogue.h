/* What the pages and paths of a served store need to know of its images: a snapshot of the store,
 * made anew in other threads when the store has changed. */
#ifndef WASME_CMD_SERVE_CATALOGUE_H
#define WASME_CMD_SERVE_CATALOGUE_H

#include <stdatomic.h>

#include "cmd/list_rows.h"
#include "cmd/serve/self.h"
#include "module/abi.h"
#include "store/snapshot.h"

struct catalogue_item {
    const struct snapshot_image *image; /* lent by the snapshot */
    const struct row *row;              /* likewise by the catalogue: its name and its tag */
    char *name;                         /* owned; NAME:TAG in the served registry */
    bool module;                        /* filter.wasm begins as a module does */
    char abi[ABI_PEEK_MAX];             /* "v0.2.1"; "": none */
};

/* Does not change, and any thread may read it. */
struct catalogue {
    atomic_int owners;
    struct store_snapshot *snapshot;
    struct rows rows;             /* of the images, in the order of `wasme list` */
    struct catalogue_item *items; /* in the same order */
    size_t count;
    const struct catalogue_item **digests; /* the same, by the digest of the wasm */
    struct buf page;                       /* the page of the store, of all images */
    char etag[128];
    long long bytes; /* of all wasm */
    uint64_t number; /* the changes of the store that are in it */
};

struct catalogue *catalogue_keep(struct catalogue *catalogue); /* one owner more */
void catalogue_drop(struct catalogue *catalogue);              /* NULL is fine */
void catalogue_drop_at(struct catalogue **catalogue);          /* for AUTO() */

/* The first image with that wasm, 64 hex digits; NULL: none. */
const struct catalogue_item *catalogue_by_digest(const struct catalogue *catalogue,
                                                 const char *hex);
/* The image in the folder of that name; NULL: none. */
const struct catalogue_item *catalogue_by_folder(const struct catalogue *catalogue,
                                                 const char *folder);

#endif
