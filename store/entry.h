/* Reading the folder of one image. entry.c also has what store.h says of an image that was read. */
#ifndef WASME_STORE_ENTRY_H
#define WASME_STORE_ENTRY_H

#include "store/store.h"

/* Opens the image folder `name` and reads what a list shows, or with `whole` everything; reads it
 * again when the image is replaced meanwhile. ERR_NOT_FOUND: there is no such folder. */
int entry_read(const struct store *store, const char *name, bool whole, struct store_image *out,
               struct err *err);

#endif
