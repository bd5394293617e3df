/*
 * The search for plugin.wasm in a layer, as Go's archive/tar and compress/gzip do it for each
 * gateway (src/archive/tar/reader.go; the search itself: istio/istio, pkg/wasm/imagefetcher.go,
 * extractWasmPluginBinary).
 *
 * base/tar.h reads more than Go does, and reads archives to their end. The gateways stop behind the
 * bytes of plugin.wasm; a fault that comes later, or padding that is missing, does not count.
 */
#ifndef WASME_IMAGE_GATEWAY_TAR_H
#define WASME_IMAGE_GATEWAY_TAR_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"

#define GATEWAY_META_MAX (1024 * 1024) /* bytes of a pax header, or of a long name of GNU tar */

struct gateway_found {
    char *fault;          /* why the gateways find no module here; NULL: they take the one below */
    bool settles;         /* the gateways take this entry, be it a wasm or not, without an error */
    char *name;           /* of the entry; owned */
    long long size;       /* bytes */
    struct digest digest; /* of the bytes */
    bool is_wasm;         /* the bytes begin as a wasm does, and are 8 at least */
    bool unsure;          /* the fault is a sparse file: nobody can tell what gateways do with it */
};
void gateway_found_release(struct gateway_found *found); /* usable with AUTO() */

/*
 * Reads the layer, a file, from its start, and writes the module to `wasm` from its present
 * position on (-1: to nowhere). `shown` names the layer in errors.
 */
int gateway_tar_find(int layer, const char *shown, int wasm, struct gateway_found *out,
                     struct err *err);

#endif
