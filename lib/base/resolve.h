/* Where a path leads, for who writes there. */
#ifndef WASME_BASE_RESOLVE_H
#define WASME_BASE_RESOLVE_H

#include "base/err.h"

/*
 * As realpath(3), but that the file at the end need not exist, and that a link is not followed
 * which stands in a folder where everybody may make one (world-writable and sticky, as /tmp) and
 * belongs neither to us nor to the folder's owner: the kernel's rule where fs.protected_symlinks is
 * on. ERR_NOT_FOUND: no folder is there for the file, or a link leads to nothing.
 */
int resolve_path(const char *path, char **out, struct err *err);

#endif
