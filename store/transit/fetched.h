/* An image on its way in: what is wanted of it, and what has come so far. */
#ifndef WASME_STORE_TRANSIT_FETCHED_H
#define WASME_STORE_TRANSIT_FETCHED_H

#include "image/form.h"
#include "image/index.h"
#include "image/unwrap.h"
#include "registry/registry.h"
#include "store/store.h"

/* Bytes: what gateways take at the most, and the default of --max-size. */
#define FETCH_MAX_SIZE (256LL * 1024 * 1024)

struct fetched;

/* The wish that all images of one fetch have in common. */
struct fetch_wish {
    struct store *store;   /* takes the files */
    struct store *look_in; /* blobs that this store has in any image are not fetched; or NULL */
    const struct platform *platform; /* chosen from an index; NULL: as gateways choose */
    long long max_size;              /* bytes: larger layers and larger wasm are refused */
    bool whole; /* every layer, so that a push sends the same image; otherwise the wasm alone */
    bool keep;  /* does not fetch an image that the store has already, whole and undamaged */
    /* Called for each image that is there, while others may still come. Or NULL. */
    void (*done)(void *arg, struct fetched *item);
    void *done_arg;
};

/* A layer's file, where the manifest's layer of that number is kept as it came. */
struct fetched_layer {
    size_t number;
    struct store_file *file; /* owned */
};

/* An image. `rc` and `err` have its failure, which concerns no other image. */
struct fetched {
    const struct ref *ref; /* lent, as the next; the rest is owned */
    const struct ref *to;  /* what the store calls the image; NULL: `ref` */
    int rc;
    struct err err;

    size_t pending;               /* blobs that were asked for and have not come */
    bool present;                 /* the store has it: there are no files */
    struct ref child;             /* the image that was chosen from an index; else empty */
    char *choice;                 /* how it was chosen, for people; NULL: there was no index */
    struct registry_manifest raw; /* of the image, never of an index; its digest alone is set when
                                     the image is present */
    struct manifest manifest;
    struct form_found form;
    struct buf config_blob;
    struct store_file *wasm;
    struct digest wasm_digest;
    long long wasm_size;
    struct unwrapped layer;   /* found in the wasm's layer */
    struct whiteouts deleted; /* by the layers above that one */
    struct fetched_layer *layers;
    size_t layer_count;
};

/* Makes the item ready; `ref` is set already, the rest zero. */
void fetched_begin(struct fetched *item);
void fetched_release(struct fetched *item); /* usable with AUTO() */
/* The reference under which the store has the image, or will have it. Borrowed. */
const struct ref *fetched_to(const struct fetched *item);
/* The image's own reference: `ref`, or `child` where an index led to the image. Borrowed. */
const struct ref *fetched_ref(const struct fetched *item);
/* Whether more is to come of the image: nothing has failed, and the store does not have it. */
bool fetched_is_open(const struct fetched *item);
/* The place of the blob of that digest in item->layers; item->layer_count when there is none. */
size_t fetched_find_layer(const struct fetched *item, const struct digest *digest);

#endif
