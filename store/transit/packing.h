/* Making an image of the form that the user chose: build, push, save and convert share this. */
#ifndef WASME_STORE_TRANSIT_PACKING_H
#define WASME_STORE_TRANSIT_PACKING_H

#include "image/bundle.h"
#include "image/package.h"
#include "store/store.h"

/* The form and the annotations that are asked for. */
struct packing {
    bool asked;      /* the user named a form or an annotation; else the image stays as it is */
    bool form_given; /* the user named a form */
    struct package_options options;
    struct annotation *annotations; /* owned */
    char **texts;                   /* owned: the keys and values of the annotations */
    size_t count;
};

void packing_release(struct packing *packing); /* usable with AUTO() */

/* The image that was made. */
struct packed {
    struct package package;
    struct store_file *layer;    /* owned; NULL: the layer is the wasm itself */
    struct bundle_blob blobs[2]; /* of the bundle: the config and the layer */
    struct store_layer kept;     /* `layer`, as the store keeps it */
};

/* Makes an image of the filter. ERR_DAMAGED when the bytes of the filter do not have the digest in
 * its descriptor. */
int packing_make(const struct packing *packing, struct store *store, const struct filter *filter,
                 struct packed *out, struct err *err);
/* The same for a filter whose bytes have just been hashed for its descriptor. */
int packing_make_hashed(const struct packing *packing, struct store *store,
                        const struct filter *filter, struct packed *out, struct err *err);
/* The image to send; lent by `packed`. `wasm_fd` has the bytes of the filter. */
struct bundle packed_bundle(struct packed *packed, int wasm_fd);
/* Adds to `parts` what the store has to keep besides the four files, so that a push sends this very
 * image; lent by `packed`. */
void packed_keep(struct packed *packed, struct store_parts *parts);
void packed_release(struct packed *packed); /* usable with AUTO() */

#endif
