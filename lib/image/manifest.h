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

/* The parts of a manifest of the oci form; all borrowed. */
struct manifest_oci_parts {
    const struct descriptor *config; /* of the runtime config: also the first layer */
    const struct descriptor *wasm;   /* the second layer */
    const struct runtime_config *runtime;
    const struct annotation *more; /* take the place of equal keys from the runtime config */
    size_t more_count;
};

/* The manifest of the oci form, which has no mediaType field. */
void manifest_write_oci(const struct manifest_oci_parts *parts, struct buf *out);
/* ERR_DAMAGED names what is wrong with the text, ERR_UNSUPPORTED an index or an old schema. */
int manifest_parse(const char *text, size_t len, struct manifest *out, struct err *err);
void manifest_release(struct manifest *manifest); /* usable with AUTO() */
/* The layer with the wasm of the oci form; NULL when the manifest is of another form. */
const struct descriptor *manifest_wasm_layer(const struct manifest *manifest);
/* The manifest's annotation; NULL when it has no such. */
const char *manifest_annotation(const struct manifest *manifest, const char *key);

#endif
