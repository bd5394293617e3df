/* Putting an image that was fetched into the store. */
#ifndef WASME_STORE_TRANSIT_KEEP_H
#define WASME_STORE_TRANSIT_KEEP_H

#include "store/transit/fetched.h"

/* Says what was found, where it is not what wasme itself pushes by default. */
void keep_tell_form(const struct fetched *item, const struct notice *notice);
/*
 * Stores it under `ref`: the wasm, a runtime config (the image's, else one made from the module),
 * and, when a push would not make the same image from these, its manifest and all that it names.
 */
int keep_fetched(struct store *store, const struct fetched *item, const struct ref *ref,
                 const struct notice *notice, struct err *err);

#endif
