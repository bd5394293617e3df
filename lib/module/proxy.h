/*
 * What a proxy asks of a module before it runs it.
 *
 * - Envoy (so Istio's and Envoy Gateway's proxies too): proxy-wasm/proxy-wasm-cpp-host at 52a0291
 *   (July 2026): src/bytecode_util.cc, getAbiVersion; src/wasm.cc, registerCallbacks and
 *   getFunctions; src/v8/v8.cc, link; include/proxy-wasm/exports.h.
 * - Higress: higress-group/proxy-wasm-cpp-host at 913c1b0 (July 2025), the same files.
 *
 * A module exports the function proxy_abi_version_X_Y_Z, of which the first that the proxy knows
 * counts; each function that it imports is one that the proxy has, and it imports no globals and no
 * tags; it exports malloc or proxy_on_memory_allocate. A start function (_start or _initialize) it
 * may have or not. The types of functions, which the proxy compares too, are not looked at.
 */
#ifndef WASME_MODULE_PROXY_H
#define WASME_MODULE_PROXY_H

#include "module/module.h"

enum proxy {
    PROXY_ENVOY,
    PROXY_HIGRESS,
};

/* Texts without a full stop; `because`, `next` and `note` are owned. */
struct proxy_verdict {
    bool loads;
    const char *abi; /* the version that counts, "v0.2.1"; NULL: it knows none of the module's */
    char *because;   /* why it does not load; else NULL */
    char *next;      /* what to do about it; else NULL */
    char *note;      /* worth telling of one that loads: not every proxy in use has its imports; or
                        NULL */
};
void proxy_verdict_release(struct proxy_verdict *verdict); /* usable with AUTO() */

void proxy_judge(enum proxy proxy, const struct module *module, struct proxy_verdict *out);

#endif
