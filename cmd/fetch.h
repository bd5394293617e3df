/*
 * Images on their way in from registries, several side by side: manifests first, an index resolved
 * to one image, then the blobs, then the wasm out of its layer.
 */
#ifndef WASME_CMD_FETCH_H
#define WASME_CMD_FETCH_H

#include "image/form.h"
#include "image/manifest.h"
#include "registry/registry.h"
#include "store/store.h"

/* What is wanted of every image. */
struct fetch_wish {
    long long max_size;   /* bytes: larger wasm, and larger layers, are refused */
    const char *platform; /* of an index: "os/arch", or NULL */
    struct store *store;  /* where the files are made */
    bool whole;           /* the config blob and every layer, not only the one with the wasm */
};

/* One image. What failed is in `rc` and `err`, and concerns no other image. */
struct fetched {
    const struct ref *ref; /* lent */
    int rc;
    struct err err;

    struct ref child;             /* of an index: the image that was chosen; else empty */
    char *choice;                 /* owned; how, for people; NULL where there was no index */
    struct registry_manifest raw; /* of the image, never of an index */
    struct manifest manifest;
    struct form_found form;
    struct buf config_blob;
    struct store_file *wasm;    /* owned; the wasm itself */
    struct store_file **layers; /* owned; of each layer of the manifest that is kept as it is, or
                                   NULL */
    struct digest wasm_digest;
    long long wasm_size;
    struct buf runtime_config; /* as it was found in the layer, or empty */
    char *note;                /* owned; what was strange in the layer; or NULL */
};

/* Fetches what the refs of `items` name. An error means that all was given up. */
int fetch_images(struct registry *registry, const struct fetch_wish *wish, struct fetched *items,
                 size_t count, struct err *err);
void fetched_release(struct fetched *item);

#endif
