/*
 * Images on their way in from registries, several side by side: manifests first, an index resolved
 * to one image, then the blobs, then the wasm out of its layer.
 */
#ifndef WASME_STORE_TRANSIT_FETCH_H
#define WASME_STORE_TRANSIT_FETCH_H

#include "image/form.h"
#include "image/index.h"
#include "image/unwrap.h"
#include "registry/registry.h"
#include "store/store.h"

/* Bytes: what gateways take at the most, and the default of --max-size. */
#define FETCH_MAX_SIZE (256LL * 1024 * 1024)

struct fetched;

/* What is wanted of every image. */
struct fetch_wish {
    struct store *store;             /* its folder takes the files */
    const struct platform *platform; /* of an index; NULL: as gateways choose */
    long long max_size;              /* bytes: larger layers and larger wasm are refused */
    bool whole; /* every layer, so that a push sends the same image; otherwise the wasm alone */
    bool keep;  /* an image that the store has already, whole and undamaged, is not fetched */
    /* Called for each image when all of it is there, while others may still come. Or NULL. */
    void (*done)(void *arg, struct fetched *item);
    void *done_arg;
};

/* A layer's file, where the manifest's layer of that number is kept as it came. */
struct fetched_layer {
    size_t number;
    struct store_file *file; /* owned */
};

/* One image. What fails is in `rc` and `err`, and concerns no other image. */
struct fetched {
    const struct ref *ref; /* lent; the rest is owned */
    int rc;
    struct err err;

    bool present;                 /* the store has it: there are no files */
    struct ref child;             /* of an index, the image that was chosen; else empty */
    char *choice;                 /* how, for people; NULL: there was no index */
    struct registry_manifest raw; /* of the image, never of an index */
    struct manifest manifest;
    struct form_found form;
    struct buf config_blob;
    struct store_file *wasm;
    struct digest wasm_digest;
    long long wasm_size;
    struct unwrapped layer;   /* what was found in the wasm's layer */
    struct whiteouts deleted; /* by the layers above it */
    struct fetched_layer *layers;
    size_t layer_count;
};

/* Where images come from: manifests and blobs as registry.h says of registry_get_manifests() and
 * registry_get_blobs(). */
struct fetch_source {
    int (*manifests)(void *arg, struct registry_manifest_request *requests, size_t count,
                     struct err *err);
    int (*blobs)(void *arg, struct registry_sink *sinks, size_t count, struct err *err);
    void *arg;
};
struct fetch_source fetch_from_registry(struct registry *registry);

/* Fetches what the refs of `items` (otherwise zero) name. An error means that all was given up. */
int fetch_images(const struct fetch_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err);
void fetched_release(struct fetched *item);

#endif
