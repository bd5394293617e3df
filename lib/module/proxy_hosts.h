/*
 * What each host of proxy-wasm modules knows: tables, without code. A host is the part of a proxy
 * that loads and runs a module. proxy.h judges a module by these tables.
 *
 * A new version of a host changes rows here, and nothing else. A new host is one more member of
 * `enum proxy`, a row in proxy_names and proxy_since_words, and a bit in the rows of what the host
 * knows.
 */
#ifndef WASME_MODULE_PROXY_HOSTS_H
#define WASME_MODULE_PROXY_HOSTS_H

#include "module/module.h"

enum proxy {
    PROXY_ENVOY, /* the proxies of Istio and of Envoy Gateway, too */
    PROXY_HIGRESS,
    PROXY_COUNT,
};

/* An ABI version. The tables end with a row whose first member is NULL. */
struct proxy_version {
    const char *export; /* the function that a module exports to say that it speaks the version */
    const char *name;   /* "v0.2.1" */
    unsigned bit;       /* for sets of versions */
    unsigned hosts;     /* the set of those that know it: 1 << the member of `enum proxy` */
};
extern const struct proxy_version proxy_versions[];

extern const char *const proxy_names[PROXY_COUNT]; /* by `enum proxy`: "Envoy" */

/* When a host got a function. */
enum proxy_since {
    PROXY_SINCE_EVER,
    PROXY_SINCE_GO,   /* with what Go's own compiler needs */
    PROXY_SINCE_WASI, /* with all of WASI preview 1 */
    PROXY_SINCE_COUNT,
};
/* By `enum proxy` and `enum proxy_since`: "April 2026 (94091cd)". NULL: so long ago that no older
 * proxy is in use. */
extern const char *const proxy_since_words[PROXY_COUNT][PROXY_SINCE_COUNT];

/* A function that a module may import. */
struct proxy_function {
    const char *name;
    unsigned versions; /* the set of ABI versions with which it is there */
    unsigned hosts;    /* the set of hosts that have it */
    enum proxy_since since;
};
extern const struct proxy_function proxy_wasi_functions[];
extern const struct proxy_function proxy_env_functions[]; /* of the module "env" */

/* The modules that the functions of WASI are imported from; ended by NULL. */
extern const char *const proxy_wasi_modules[];

/* What a host makes for a module that imports it, under any name. It makes nothing else but the
 * functions above. */
extern const enum extern_kind proxy_made_kinds[];
extern const size_t proxy_made_kind_count;

/* Of these functions a module has to export one; ended by NULL. */
extern const char *const proxy_allocators[];

#endif
