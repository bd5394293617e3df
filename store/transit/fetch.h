/*
 * Images on their way in from a source, several side by side: manifests first, an index resolved
 * to one image, then the blobs, then the wasm out of its layer.
 */
#ifndef WASME_STORE_TRANSIT_FETCH_H
#define WASME_STORE_TRANSIT_FETCH_H

#include "store/transit/fetched.h"
#include "store/transit/source.h"

/* Fetches the images that the refs of `items` (otherwise zero) name; the failure of an image is in
 * its item. An error means that all was given up. */
int fetch_images(const struct image_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err);

#endif
