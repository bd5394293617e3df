/*
 * The forms that images with wasm come in, told from their manifests.
 *
 * Sources: Wasm Artifact Image specification (solo-io/wasm, spec/spec.md and spec-compat.md); CNCF
 * TAG Runtime, Wasm OCI Artifact layout; wasm-to-oci; Higress's plugin images (alibaba/higress,
 * plugins/wasm-go, the layers' media types).
 */
#ifndef WASME_IMAGE_FORM_H
#define WASME_IMAGE_FORM_H

#include "image/manifest.h"
#include "image/wrapping.h"

/* The forms that wasme writes come first: see FORM_LAST_WRITTEN. */
enum image_form {
    FORM_OCI,    /* runtime config and wasm as two layers: what wasme writes */
    FORM_COMPAT, /* an OCI image annotated as compat, plugin.wasm in its tar layer */
    FORM_DOCKER, /* the same with Docker's media types */
    FORM_CNCF,   /* one application/wasm layer and a Wasm config */
    FORM_PLUGIN, /* Higress's plugin layout: spec, documents, and last a tar layer */
    FORM_WASM,   /* any other artifact with exactly one layer whose type is one of wasm, or whose
                    title ends in .wasm; or with two such layers, of which the first counts */
    FORM_IMAGE,  /* any other image with tar layers, which may hold a plugin.wasm */
    FORM_COUNT,
};
#define FORM_LAST_WRITTEN FORM_CNCF

/* "oci", "compat", "docker", "cncf", "plugin", "wasm", "image". */
const char *form_name(enum image_form form);
/* The names of the forms that can be written, in order; NULL behind the last. */
const char *form_written(size_t at);
/* Reads a name of a form that can be written. ERR_USAGE lists them. */
int form_parse(const char *text, enum image_form *out, struct err *err);

struct form_found {
    enum image_form form;
    size_t layer;           /* the layer that carries the wasm, or the last that may */
    enum wrapping wrapping; /* as its media type says; wrapping_look() tells what it is */
    bool has_runtime;       /* the config blob is a runtime-config.json */
    bool before_wasm;       /* `layer` is a tar that gateways look into first; when it has no
                               plugin.wasm, the image's wasm layer counts */
};

/*
 * Finds the form and the layer. ERR_UNSUPPORTED when no layer can carry a wasm, or several do; the
 * message names the layers that the manifest has. The choice is that of the gateways,
 * where they take a layer at all: the last layer when it is a tar of their type with a plugin.wasm;
 * else, of two layers, the first content layer.
 */
int form_find(const struct manifest *manifest, struct form_found *out, struct err *err);
/* Goes on from a layer that turned out to hold no wasm: to the wasm layer, or to the next lower tar
 * layer of a compat, docker or other image; false when there is none. */
bool form_go_lower(const struct manifest *manifest, struct form_found *found);

#endif
