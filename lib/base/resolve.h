/* The file that a path leads to, for a program that is to write it. */
#ifndef WASME_BASE_RESOLVE_H
#define WASME_BASE_RESOLVE_H

#include "base/err.h"

/*
 * Resolves a path as realpath(3) does, with two differences. The file at the end need not exist. A
 * link is not followed when it stands in a folder where everybody may make one (world-writable and
 * sticky, as /tmp) and belongs neither to us nor to the owner of the folder: the rule of the kernel
 * where fs.protected_symlinks is on. ERR_NOT_FOUND: no folder is there for the file, or a link
 * leads to nothing.
 */
int resolve_path(const char *path, char **out, struct err *err);

#endif
