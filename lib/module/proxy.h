/*
 * Whether a proxy would load a module, and what to do when it would not.
 *
 * A proxy asks four things of a module. The module exports a function proxy_abi_version_X_Y_Z; the
 * first that the proxy knows counts. The proxy has each function that the module imports. The
 * module imports no globals and no tags. It exports a function that gives memory (malloc or
 * proxy_on_memory_allocate). A start function (_start or _initialize) may be there or not. The
 * types of functions, which a proxy compares too, are not looked at.
 *
 * module/proxy_hosts.h has what each proxy knows, with the sources.
 */
#ifndef WASME_MODULE_PROXY_H
#define WASME_MODULE_PROXY_H

#include "module/module.h"
#include "module/proxy_hosts.h"

/* Texts without a full stop; `because`, `next` and `note` are owned. */
struct proxy_verdict {
    bool loads;
    const char *abi; /* the version that counts, "v0.2.1"; NULL: the proxy knows none of them */
    char *because;   /* why the module does not load; NULL when it does */
    char *next;      /* what to do about that; NULL when it loads */
    char *note; /* a module that loads: which proxies in use lack one of its imports; or NULL */
};
void proxy_verdict_release(struct proxy_verdict *verdict); /* usable with AUTO() */

void proxy_judge(enum proxy proxy, const struct module *module, struct proxy_verdict *out);

#endif
