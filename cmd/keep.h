/* Putting an image that was fetched into the store. */
#ifndef WASME_CMD_KEEP_H
#define WASME_CMD_KEEP_H

#include "cmd/fetch.h"

/* Says what was found, where it is not what wasme itself pushes by default. */
void keep_tell_form(const struct fetched *item);
/*
 * Stores it under `ref`: the wasm, a runtime config (the image's, else one made from the module),
 * and, when a push would not make the same image from these, its manifest and all that it names.
 */
int keep_fetched(struct store *store, const struct fetched *item, const struct ref *ref,
                 struct err *err);

#endif
