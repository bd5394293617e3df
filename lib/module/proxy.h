/*
 * Whether a proxy would load a module, and what to do when it would not.
 *
 * A proxy loads a module when all of these hold:
 * 1. The module exports a function proxy_abi_version_X_Y_Z; the first that the proxy knows counts.
 * 2. The proxy has each function that the module imports.
 * 3. The module imports no globals and no tags.
 * 4. The module exports a function that gives memory: malloc or proxy_on_memory_allocate.
 * A start function (_start or _initialize) is not needed. A proxy also compares the types of
 * functions; wasme does not look at these.
 *
 * module/proxy_hosts.h has what each proxy knows, with the sources.
 */
#ifndef WASME_MODULE_PROXY_H
#define WASME_MODULE_PROXY_H

#include "module/module.h"
#include "module/proxy_hosts.h"

/* The texts have no full stop; `because`, `next` and `note` are owned. */
struct proxy_verdict {
    bool loads;
    const char *abi; /* the version that counts, "v0.2.1"; NULL: the proxy knows none of them */
    char *because;   /* why the module does not load; NULL when it does */
    char *next;      /* what to do about that; NULL when it loads */
    char *note; /* a module that loads: which proxies in use lack one of its imports; or NULL */
};
void proxy_verdict_release(struct proxy_verdict *verdict); /* usable with AUTO() */

/* Fills `out`, which the caller releases. */
void proxy_judge(enum proxy proxy, const struct module *module, struct proxy_verdict *out);

#endif
