/* Making a catalogue of a store. */
#ifndef WASME_CMD_SERVE_CATALOGUE_MAKE_H
#define WASME_CMD_SERVE_CATALOGUE_MAKE_H

#include "cmd/serve/catalogue.h"

/* Takes over what `before` (or NULL) knows of the same images. The caller owns `*out`, whose number
 * is not set. */
int catalogue_make(struct store *store, const struct site *site, const struct catalogue *before,
                   struct catalogue **out, struct err *err);

#endif
