/* Making an image of the form that the user chose: build, push, save and convert share this. */
#ifndef WASME_STORE_TRANSIT_PACKING_H
#define WASME_STORE_TRANSIT_PACKING_H

#include "image/package.h"
#include "store/store.h"

/* The form and the annotations that are asked for. */
struct packing {
    bool asked; /* for a form or an annotation: a kept manifest will not do as it is */
    bool form_given;
    struct package_options options;
    struct annotation *annotations; /* owned, as the texts in it */
    char **texts;
    size_t count;
};

void packing_release(struct packing *packing); /* usable with AUTO() */

/* An image made. */
struct packed {
    struct package package;
    struct store_file *layer; /* owned; its layer, where that is not the wasm itself; else NULL */
    struct bundle_blob blobs[2]; /* of the bundle: the config and the layer */
    struct store_layer kept;     /* `layer`, as the store keeps it */
};

/* ERR_DAMAGED when the bytes of the filter are not what its descriptor says. */
int packing_make(const struct packing *packing, struct store *store, const struct filter *filter,
                 struct packed *out, struct err *err);
/* The image to send; lent by `packed`, and `wasm_fd` has the bytes of the filter. */
struct bundle packed_bundle(struct packed *packed, int wasm_fd);
/* Adds what the store has to keep besides the four files, so that a push sends this image. */
void packed_keep(struct packed *packed, struct store_parts *parts);
void packed_release(struct packed *packed); /* usable with AUTO() */

#endif
