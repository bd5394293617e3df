/*
 * A filter that arrives from a build, a registry or an archive: the ABI versions that its module
 * names, and the runtime config that the filter gets.
 */
#ifndef WASME_STORE_TRANSIT_ARRIVAL_H
#define WASME_STORE_TRANSIT_ARRIVAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/notice.h"
#include "module/module.h"

struct arrival {
    char **abi_versions; /* owned; "v0.2.1" */
    size_t abi_count;
};

/* Reads the module, and warns when no proxy will take it, since it names no ABI version. */
int arrival_read(int fd, const char *shown, const struct notice *notice, struct arrival *out,
                 struct err *err);
/* The same of a module that was read. */
void arrival_take(const struct module *module, const char *shown, const struct notice *notice,
                  struct arrival *out);
void arrival_release(struct arrival *arrival); /* usable with AUTO() */

/* Writes the runtime config made from the module; its list of ABI versions may be empty. */
void arrival_make_config(const struct arrival *arrival, struct buf *out);

#endif
