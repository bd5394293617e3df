/*
 * Indexes of images (OCI image specification, image-index.md) and Docker's manifest lists (Image
 * Manifest V2 Schema 2): reading them, and choosing one image.
 */
#ifndef WASME_IMAGE_INDEX_H
#define WASME_IMAGE_INDEX_H

#include "image/descriptor.h"

#define INDEX_DEPTH_MAX 3       /* indexes that lead to each other */
#define INDEX_CHILDREN_MAX 1024 /* more are ERR_DAMAGED; the text is bounded by MANIFEST_MAX */

/* The platform that gateways look for in an index. */
#define PLATFORM_OS "linux"
#define PLATFORM_ARCHITECTURE "amd64"
#define PLATFORM_DEFAULT PLATFORM_OS "/" PLATFORM_ARCHITECTURE

/* All owned; a text that is absent is NULL. */
struct platform {
    char *os;
    char *architecture;
    char *variant;
};

struct index_child {
    struct descriptor descriptor; /* of a manifest, or of another index */
    bool has_platform;
    struct platform platform;
    char *reference_type; /* ANNOTATION_REFERENCE_TYPE: "attestation-manifest" */
    char *ref_name;       /* ANNOTATION_REF_NAME (image-layout.md) */
    char *image_name;     /* ANNOTATION_IMAGE_NAME */
};

struct image_index {
    char *media_type; /* the field in the text; NULL when it has none */
    struct index_child *children;
    size_t count;
};

/* Whether the text is an index rather than a manifest: a JSON object with "manifests". False for
 * what is no JSON. */
bool index_is_one(const char *text, size_t len);
/* ERR_DAMAGED names the fault in the text; ERR_UNSUPPORTED: the text is no index. */
int index_parse(const char *text, size_t len, struct image_index *out, struct err *err);
/* ERR_UNSUPPORTED for an index that so many indexes led to (`above`) that it is not followed. */
int index_check_depth(int above, struct err *err);
void index_release(struct image_index *index); /* usable with AUTO() */

/* Reads "linux/amd64", "linux/arm64/v8" or "wasip1/wasm"; ERR_USAGE names the fault. */
int platform_parse(const char *text, struct platform *out, struct err *err);
void platform_release(struct platform *platform); /* usable with AUTO() */

struct index_choice {
    size_t child;     /* in index->children; may be an index itself: look at its media type */
    bool as_gateways; /* Istio, Envoy Gateway and Higress choose the same */
    char *words;      /* "linux/amd64, 1 of 3"; owned */
};
void index_choice_release(struct index_choice *choice); /* usable with AUTO() */

/* Whether the child is no image at all: its annotation says so, or its platform is
 * unknown/unknown. */
bool index_is_attestation(const struct index_child *child);

/*
 * Chooses a child. With `wanted`: the first child of that os and architecture, and of the variant
 * where one is wanted; ERR_NOT_FOUND lists what there is. With NULL, as the gateways do: the first
 * child for linux/amd64; where there is none, the first with the architecture wasm, or the only
 * child.
 * A child without platform counts as linux/amd64 (go-containerregistry, pkg/v1/remote/index.go).
 * Attestations (platform unknown/unknown, or so annotated) are never chosen.
 */
int index_choose(const struct image_index *index, const struct platform *wanted,
                 struct index_choice *out, struct err *err);

#endif
