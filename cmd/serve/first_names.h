/* The first names of a folder. */
#ifndef WASME_CMD_SERVE_FIRST_NAMES_H
#define WASME_CMD_SERVE_FIRST_NAMES_H

#include <stddef.h>

#include "base/err.h"

#define FIRST_NAMES_COUNTED 200000

/* Up to LISTING_NAMES_MAX names in byte order. While they are read, they are a heap with the last
 * of these names on top. */
struct first_names {
    char **items; /* each owned */
    size_t count;
    size_t seen; /* how many names there are, up to FIRST_NAMES_COUNTED */
};

/* Reads the names in the folder `fd` that do not begin with a dot; `path` is for errors.
 * first_names_release() frees the names, also after an error. */
int first_names_read(int fd, const char *path, struct first_names *names, struct err *err);
void first_names_release(struct first_names *names); /* usable with AUTO() */

#endif
