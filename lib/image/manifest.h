/*
 * Image manifests: reading any, and writing them, among them the original wasme's "oci" form (OCI
 * image specification, manifest.md; Docker Image Manifest V2 Schema 2).
 */
#ifndef WASME_IMAGE_MANIFEST_H
#define WASME_IMAGE_MANIFEST_H

#include "image/descriptor.h"
#include "image/runtime_config.h"

#define MANIFEST_MAX (4 * 1024 * 1024) /* bytes: what registries accept at the most */
#define MANIFEST_LAYERS_MAX 128

/* Borrowed texts in what is written, owned ones in what was read. */
struct annotation {
    const char *key;
    const char *value;
};

struct manifest {
    char *media_type;    /* the field in the text; NULL when it has none */
    char *artifact_type; /* likewise */
    struct descriptor config;
    struct descriptor *layers;
    size_t layer_count;
    struct annotation *annotations; /* of the manifest itself, in the order of the text */
    size_t annotation_count;
};

/* The parts of the manifest that manifest_write() writes; all borrowed. */
struct manifest_parts {
    const char *media_type; /* NULL: no such field */
    const struct descriptor *config;
    const struct descriptor *layers;
    size_t layer_count;
    const struct annotation *annotations; /* written sorted by key; of equal keys the last */
    size_t annotation_count;
};

/* The bytes that Go's json.Marshal gives for an ocispec.Manifest with these fields. */
void manifest_write(const struct manifest_parts *parts, struct buf *out);

/*
 * The manifest of the oci form: config = first layer = the runtime config, second layer = the
 * wasm; annotations from the runtime config; no mediaType field.
 */
void manifest_write_oci(const struct descriptor *config, const struct descriptor *wasm,
                        const struct runtime_config *runtime, struct buf *out);
/* The same with further annotations, `more` of `count` (NULL, 0: none); they replace equal ones. */
void manifest_write_oci_with(const struct descriptor *config, const struct descriptor *wasm,
                             const struct runtime_config *runtime, const struct annotation *more,
                             size_t count, struct buf *out);
/* ERR_DAMAGED names what is wrong with the text, ERR_UNSUPPORTED an index or an old schema. */
int manifest_parse(const char *text, size_t len, struct manifest *out, struct err *err);
void manifest_release(struct manifest *manifest); /* usable with AUTO() */
/* The layer with the wasm of the oci form; NULL when the manifest is of another form. */
const struct descriptor *manifest_wasm_layer(const struct manifest *manifest);
/* The manifest's annotation; NULL when it has no such. */
const char *manifest_annotation(const struct manifest *manifest, const char *key);

#endif
