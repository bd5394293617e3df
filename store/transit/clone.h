/* An image of one store, put into another. */
#ifndef WASME_STORE_TRANSIT_CLONE_H
#define WASME_STORE_TRANSIT_CLONE_H

#include "store/pack.h"

/* Stores the image, with all that was kept of it, under `ref` in the store `to`. `pack` is what
 * store_pack() made of the image. ERR_DAMAGED when a file has another digest than the image
 * says. */
int clone_image(struct store *to, const struct ref *ref, const struct store_image *image,
                const struct store_pack *pack, struct err *err);

#endif
