/* The folders of images in a store, by name. */
#ifndef WASME_STORE_FOLDERS_H
#define WASME_STORE_FOLDERS_H

#include "store/store.h"

/* Whether the name is one that the folder of an image has: 32 hex digits. */
bool folders_is_name(const char *name);
/*
 * Calls `visit` with the name of each folder, in no order, until a call returns non-zero, which is
 * then the result. A folder with another name is a warning.
 */
int folders_each(struct store *store, int (*visit)(void *arg, const char *name), void *arg,
                 const struct notice *notice, struct err *err);
/* Warns of an image that could not be read for this reason, unless the image is gone. */
void folders_tell_skipped(const struct store *store, const char *name, const struct err *err,
                          const struct notice *notice);

#endif
