/* The largest functions of a module. */
#ifndef WASME_CMD_LARGEST_H
#define WASME_CMD_LARGEST_H

#include "cmd/inspected.h"

struct large {
    uint32_t index;
    uint64_t size; /* bytes of the body, with the locals */
    char *name;    /* owned: of the name section, or of an export, or "function 12" */
};

struct largest {
    struct large *items;
    size_t count;
};

/* Finds up to `wanted` functions, the largest first. */
void largest_find(const struct inspected *inspected, size_t wanted, struct largest *out);
void largest_release(struct largest *largest); /* usable with AUTO() */

#endif
