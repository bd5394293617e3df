/* Folders. */
#ifndef WASME_BASE_DIR_H
#define WASME_BASE_DIR_H

#include "base/err.h"

/* Makes the folder and those above it; one that is there already is fine. */
int dir_make_all(const char *path, struct err *err);
/* Removes a file, or a folder and all in it, without following links; one that is not there is
 * fine. `dirfd` is a folder's descriptor or AT_FDCWD. */
int dir_remove_all(int dirfd, const char *name, struct err *err);

#endif
