/* The module that Istio, Envoy Gateway and Higress take out of one layer. */
#ifndef WASME_IMAGE_GATEWAY_LAYER_H
#define WASME_IMAGE_GATEWAY_LAYER_H

#include "image/gateway.h"

/* The reading of a layer in one of the two ways: what it comes to, or why not. */
struct gateway_reading {
    bool found;   /* there is a module, though the rules may refuse it: then `fault` is set */
    bool settles; /* the gateways take what they find here, wasm or not, and try no other form */
    size_t layer;
    bool in_tar;
    char *picks;        /* "plugin.wasm in layer 1 (sha256:...)"; owned */
    struct digest wasm; /* "" when the layer was not looked into */
    long long size;     /* -1: not known */
    char *fault;        /* owned; NULL: the module is taken */
    bool hopeless;      /* no other form of the image would help */
    bool unsure;        /* the fault is that nobody can tell what the gateways do */
};
void gateway_reading_release(struct gateway_reading *reading); /* usable with AUTO() */

/*
 * The descriptor that gateways believe for a layer: the first one in the manifest with the same
 * digest, the config before the layers (google/go-containerregistry, pkg/v1/partial/with.go,
 * BlobDescriptor). Media type and size are taken from there.
 */
const struct descriptor *gateway_descriptor(const struct manifest *manifest, size_t layer);

/* Reads the layer, as a tar or as the wasm itself, and writes the module to `wasm` (-1: to
 * nowhere). Without image->open_layer only the descriptor counts. */
int gateway_layer_read(enum gateway gateway, const struct gateway_image *image, size_t layer,
                       bool in_tar, int wasm, struct gateway_reading *out, struct err *err);

#endif
