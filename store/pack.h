/* A stored image as it goes to a registry: its manifest, its config blob and its layers. */
#ifndef WASME_STORE_PACK_H
#define WASME_STORE_PACK_H

#include "image/manifest.h"
#include "store/store.h"

struct store_pack {
    struct buf manifest;    /* the bytes */
    struct digest digest;   /* of the manifest */
    struct manifest parsed; /* the same, read */
    struct buf config;      /* the bytes of the config blob */
    int *layers; /* for each of parsed.layers a descriptor to pread from, or -1: the layer has the
                    bytes of the config blob, or is elsewhere (image/descriptor.h) */
    bool kept;   /* the manifest came with a pull and is sent as it came */
    char *form;  /* owned; the form in form.json, of a kept manifest; or NULL */
};

/*
 * Takes the manifest that was kept from a pull while it still fits the image's files (the original
 * wasme changes the files and leaves the manifest); otherwise makes the oci form from the runtime
 * config and the wasm.
 */
int store_pack(const struct store_image *image, struct store_pack *out, struct err *err);
/* Makes the oci form from the bytes of a runtime config and the wasm's layer, as a push after a
 * build does. */
int store_pack_make(const struct descriptor *layer, const char *runtime_config, size_t len,
                    struct store_pack *out, struct err *err);
void store_pack_release(struct store_pack *pack); /* usable with AUTO() */
/* The media type to send the manifest as; borrowed. */
const char *store_pack_media_type(const struct store_pack *pack);

/* The digest of the manifest of the image under the reference, as a push would send it. The files
 * are not verified. False: there is no image, or it cannot be read. */
bool store_manifest_digest(struct store *store, const struct ref *ref, struct digest *out);
/* Whether the store has the image of that manifest digest under the reference, whole and undamaged:
 * all its files are read. If so, the digest and the size of its wasm are set. */
bool store_holds(struct store *store, const struct ref *ref, const struct digest *manifest,
                 struct digest *wasm, long long *size);

#endif
