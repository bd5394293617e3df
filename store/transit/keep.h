/* Putting an image that was fetched into the store. */
#ifndef WASME_STORE_TRANSIT_KEEP_H
#define WASME_STORE_TRANSIT_KEEP_H

#include "store/transit/fetched.h"

/* Says which form of image was found, and how it was chosen; nothing for the form that wasme itself
 * pushes by default. */
void keep_tell_form(const struct fetched *item, const struct notice *notice);
/*
 * Stores the image under `ref`: the wasm, a runtime config (the image's, else one made from the
 * module), and, when a push would not make the same image from these, the manifest and all that it
 * names.
 */
int keep_fetched(struct store *store, const struct fetched *item, const struct ref *ref,
                 const struct notice *notice, struct err *err);

#endif
