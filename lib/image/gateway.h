/*
 * The images that each consumer takes, by the rules that its own code applies:
 *
 * - Istio: istio/istio, pkg/wasm/imagefetcher.go and cache.go (since 1.16; before, an image had to
 *   have exactly one tar layer); choosing from an index: google/go-containerregistry,
 *   pkg/v1/remote/index.go.
 * - Higress: higress-group/istio, pkg/wasm/imagefetcher.go: the same rules.
 * - Envoy Gateway: envoyproxy/gateway, internal/wasm/imagefetcher.go: the same rules.
 * - wkg: bytecodealliance/rust-oci-wasm, src/client.rs (pull).
 *
 * The first three do this. A manifest whose mediaType is Docker's: the last layer must be Docker's
 * tar.gzip and hold a plugin.wasm. Any other: the last layer is OCI's tar+gzip and holds a
 * plugin.wasm; or there are exactly two layers, and one is a module.wasm content layer, whose bytes
 * are taken as they are. The bytes that are taken must begin as a wasm. The first three read 256
 * MiB of a tar at the most.
 */
#ifndef WASME_IMAGE_GATEWAY_H
#define WASME_IMAGE_GATEWAY_H

#include "image/index.h"
#include "image/manifest.h"

#define GATEWAY_READ_MAX (256LL * 1024 * 1024) /* decompressed bytes of a tar that they read */

enum gateway {
    GATEWAY_ISTIO,
    GATEWAY_ENVOY_GATEWAY,
    GATEWAY_HIGRESS,
    GATEWAY_WKG,
    GATEWAY_COUNT,
};

/* "istio", "envoy-gateway", "higress", "wkg". */
const char *gateway_name(enum gateway gateway);
/* The names of all, in order; NULL behind the last. */
const char *gateway_listed(size_t at);
/* Reads the name of a gateway; any other name is ERR_USAGE, whose message lists them. */
int gateway_parse(const char *text, enum gateway *out, struct err *err);

/* The image in question; all borrowed. */
struct gateway_image {
    const char *ref; /* as the user writes it: for the next steps */
    const struct manifest *manifest;
    const struct digest *digest;     /* of the manifest */
    const struct image_index *index; /* the reference names it; NULL: it names the manifest */
    /* Gives a layer's bytes as a file, which is then closed. NULL: the verdict is on the manifest
     * alone. */
    int (*open_layer)(void *arg, const struct descriptor *layer, int *fd, struct err *err);
    void *arg;
};

/* All texts owned; without a full stop. */
struct gateway_verdict {
    bool loads;
    bool looked;      /* the image loads, and the layer was looked into, not only the manifest */
    char *picks;      /* the wasm that is taken: "plugin.wasm in layer 1 (...)"; NULL: none is */
    size_t layer;     /* of an image that loads: the number of the layer that is taken, from 0 */
    bool in_tar;      /* the layer is a tar, else the wasm itself */
    char *because;    /* why the image does or does not load */
    char *next;       /* the next step; NULL when the image loads */
    const char *form; /* the form to convert the image to, when that would help; or NULL */
    struct digest sha256; /* for a field "sha256", or behind "@": the manifest's, never the index's;
                             "" when it does not load, and for wkg */
};
void gateway_verdict_release(struct gateway_verdict *verdict); /* usable with AUTO() */

/* Fails only when a layer cannot be had; an image that is refused is a verdict. */
int gateway_check(enum gateway gateway, const struct gateway_image *image,
                  struct gateway_verdict *out, struct err *err);

#endif
