/* The first step of a fetch: the manifests of the images, those that indexes lead to among them. */
#ifndef WASME_STORE_TRANSIT_RESOLVE_H
#define WASME_STORE_TRANSIT_RESOLVE_H

#include "store/transit/fetched.h"
#include "store/transit/source.h"

/* Sets `raw`, `manifest`, `form` and `present` of each item; calls `done` of the wish for an image
 * that is present. An error means that all was given up. */
int resolve_images(const struct image_source *source, const struct fetch_wish *wish,
                   struct fetched *items, size_t count, struct err *err);

#endif
