/*
 * A filter that arrives, from a build or a registry: what its module says of itself, and the
 * runtime config that it gets.
 */
#ifndef WASME_STORE_TRANSIT_ARRIVAL_H
#define WASME_STORE_TRANSIT_ARRIVAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/notice.h"

struct arrival {
    char **abi_versions; /* owned; "v0.2.1" */
    size_t abi_count;
};

/* Reads the module, and tells the notice when no proxy will take it for want of an ABI version. */
int arrival_read(int fd, const char *shown, const struct notice *notice, struct arrival *out,
                 struct err *err);
void arrival_release(struct arrival *arrival); /* usable with AUTO() */

/* The config made from the module: with an empty list when it names no ABI version. */
void arrival_make_config(const struct arrival *arrival, struct buf *out);

#endif
