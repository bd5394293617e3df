/* A stored image on its way out: as it is stored, or made anew in another form. */
#ifndef WASME_STORE_TRANSIT_OUTGOING_H
#define WASME_STORE_TRANSIT_OUTGOING_H

#include "registry/registry.h"
#include "store/pack.h"
#include "store/transit/packing.h"

struct outgoing {
    const struct store_image *image; /* lent, for the life of this */
    struct store_pack pack;
    struct packed packed; /* an image that is made anew */
    char *note;           /* owned: a warning for people; or NULL */
    struct bundle bundle; /* goes out; lent by the members above, but for `blobs` */
    struct bundle_blob *blobs;
};

/* Makes ready what goes out; a `wanted` that is all zero means: the image as it is stored. `out` is
 * zero, and is released even after an error. */
int outgoing_prepare(const struct packing *wanted, struct store *store,
                     const struct store_image *image, struct outgoing *out, struct err *err);
/* `*unchanged`: the registry had all of it. ERR_DAMAGED blames the stored file when its digest is
 * wrong. */
int outgoing_push(const struct outgoing *out, struct registry *registry, const struct ref *ref,
                  bool *unchanged, struct err *err);
void outgoing_release(struct outgoing *out); /* usable with AUTO() */

#endif
