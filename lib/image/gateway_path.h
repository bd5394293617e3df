/*
 * The way of Istio, Envoy Gateway and Higress from a reference to a manifest: google/
 * go-containerregistry, pkg/v1/remote/descriptor.go, fetcher.go and index.go (the same rules in the
 * versions that the three use); the digest behind "@": cache.go of each gateway.
 */
#ifndef WASME_IMAGE_GATEWAY_PATH_H
#define WASME_IMAGE_GATEWAY_PATH_H

#include "image/gateway.h"

/* A gateway that does not come to the image's manifest, or refuses it. All owned. */
struct gateway_fault {
    char *because; /* NULL: the gateways come to the manifest, and can decode it */
    char *next;    /* the next step */
    bool
        rewrite; /* the manifest itself is at fault: a new one for the same wasm is the next step */
};
void gateway_fault_release(struct gateway_fault *fault); /* usable with AUTO() */

/* ERR_UNSUPPORTED: nobody can tell. */
int gateway_path_judge(const struct gateway_image *image, struct gateway_fault *out,
                       struct err *err);

#endif
