/* Putting an image that was fetched into the store. */
#ifndef WASME_STORE_TRANSIT_KEEP_H
#define WASME_STORE_TRANSIT_KEEP_H

#include "store/transit/fetched.h"

/* Says which form of image was found, and how it was chosen; nothing for the form that wasme itself
 * pushes by default. */
void keep_tell_form(const struct fetched *item, const struct notice *notice);
/* The parts of an image that go into the store, made from an image that was fetched. */
struct keeping {
    struct descriptor layer;
    struct buf config;
    struct store_layer *layers;
    struct store_parts parts; /* lent by the other members and by the image */
};

/*
 * Makes the parts: the wasm, a runtime config (the image's, else one made from the module), and,
 * when a push would not make the same image from these, the manifest and all that it names. `shown`
 * names the image in notices. The image outlives `out`, which the caller releases in either case.
 */
int keep_prepare(const struct fetched *item, const char *shown, const struct notice *notice,
                 struct keeping *out, struct err *err);
void keeping_release(struct keeping *keeping); /* usable with AUTO() */

/* Stores the image under `ref`. */
int keep_fetched(struct store *store, const struct fetched *item, const struct ref *ref,
                 const struct notice *notice, struct err *err);

#endif
