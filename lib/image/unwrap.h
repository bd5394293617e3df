/* Taking the wasm out of a layer, whatever it is wrapped in. */
#ifndef WASME_IMAGE_UNWRAP_H
#define WASME_IMAGE_UNWRAP_H

#include "base/buf.h"
#include "base/digest.h"
#include "image/runtime_config.h"
#include "image/whiteout.h"
#include "image/wrapping.h"

struct unwrapped {
    enum wrapping wrapping;    /* by the layer's bytes, whatever its media type said */
    long long size;            /* of the wasm */
    long long reach;           /* in a tar: decompressed bytes up to the end of the wasm */
    struct digest digest;      /* of the wasm */
    bool is_wasm;              /* the bytes begin as a wasm does, and are 8 at least */
    char *entry;               /* the name in the tar; NULL when the layer is no tar; owned */
    bool by_rule;              /* gateways find the same: the tar's first plugin.wasm, a file */
    char *note;                /* a warning about the choice; or NULL; owned */
    bool has_runtime;          /* the tar holds a runtime-config.json */
    struct buf runtime_config; /* its bytes, at most RUNTIME_CONFIG_MAX */
};
void unwrapped_release(struct unwrapped *unwrapped); /* usable with AUTO() */

/* A layer, and what is wanted of it. All is lent. */
struct unwrap_request {
    int layer;                 /* a file, read from its start */
    const char *shown;         /* how errors name the layer */
    enum wrapping declared;    /* what the layer's media type says */
    int wasm;                  /* takes the wasm from its present position on; -1: nothing does */
    long long max;             /* bytes of wasm */
    bool by_rule;              /* only a plugin.wasm that gateways find counts: for a layer that
                                   stands before the wasm layer (form_found.before_wasm) */
    struct whiteouts *deleted; /* by the layers above: such files are not there. A layer without
                                   a wasm adds what it deletes itself. Or NULL */
};

/*
 * Finds the wasm in the layer and writes it to `wasm`. In a tar: the first file with the basename
 * plugin.wasm; where there is none, the only *.wasm file. More than `max` bytes of wasm are
 * ERR_DAMAGED, and the message speaks of --max-size. ERR_NOT_FOUND: the tar has no wasm, or several
 * and no plugin.wasm; with `by_rule` also a layer of any other content. Links are not followed;
 * nothing is written to a path.
 */
int unwrap_wasm(const struct unwrap_request *request, struct unwrapped *out, struct err *err);

#endif
