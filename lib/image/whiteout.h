/*
 * The files that upper layers have deleted of the lower ones (OCI image specification, layer.md,
 * "Whiteouts"): the file .wh.NAME deletes NAME in its folder, .wh..wh..opq all that is in its
 * folder.
 */
#ifndef WASME_IMAGE_WHITEOUT_H
#define WASME_IMAGE_WHITEOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define WHITEOUTS_MAX 1000 /* of all layers together; more are ERR_DAMAGED */

struct whiteouts {
    char **paths; /* owned; a path with a slash at its end deletes only the files below it */
    size_t count;
};
void whiteouts_release(struct whiteouts *whiteouts); /* usable with AUTO() */

/* Whether a file of that base name only says what is deleted, and is no file of the image. */
bool whiteout_is_one(const char *base);
/* Remembers the entry of that name when it is a whiteout. */
int whiteouts_note(struct whiteouts *whiteouts, const char *entry, struct err *err);
int whiteouts_add(struct whiteouts *whiteouts, const char *path, struct err *err);
int whiteouts_refuse(struct err *err); /* says that there are too many */
/* Whether the entry of a layer below those that were noted is deleted. */
bool whiteouts_hide(const struct whiteouts *whiteouts, const char *entry);

#endif
