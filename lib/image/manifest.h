/*
 * Image manifests: writing the original wasme's "oci" form, and reading any (OCI image
 * specification, manifest.md; Docker Image Manifest V2 Schema 2).
 */
#ifndef WASME_IMAGE_MANIFEST_H
#define WASME_IMAGE_MANIFEST_H

#include "image/descriptor.h"
#include "image/runtime_config.h"

#define MANIFEST_MAX (4 * 1024 * 1024) /* bytes: what registries accept at the most */
#define MANIFEST_LAYERS_MAX 128

struct manifest {
    char *media_type; /* the field in the text; NULL when it has none */
    struct descriptor config;
    struct descriptor *layers;
    size_t layer_count;
};

/*
 * The manifest of the oci form: config = first layer = the runtime config, second layer = the
 * wasm; annotations from the runtime config; no mediaType field.
 */
void manifest_write_oci(const struct descriptor *config, const struct descriptor *wasm,
                        const struct runtime_config *runtime, struct buf *out);
/* ERR_DAMAGED names what is wrong with the text, ERR_UNSUPPORTED an index or an old schema. */
int manifest_parse(const char *text, size_t len, struct manifest *out, struct err *err);
void manifest_release(struct manifest *manifest); /* usable with AUTO() */
/* The layer with the wasm of the oci form; NULL when the manifest is of another form. */
const struct descriptor *manifest_wasm_layer(const struct manifest *manifest);

#endif
