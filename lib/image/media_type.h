/* The media types of images, as registries and gateways spell them. */
#ifndef WASME_IMAGE_MEDIA_TYPE_H
#define WASME_IMAGE_MEDIA_TYPE_H

/* The original wasme's format, "oci": the Wasm Artifact Image specification (solo-io/wasm,
 * spec/README.md and spec-compat.md). */
#define MEDIA_WASM_CONFIG "application/vnd.module.wasm.config.v1+json"
#define MEDIA_WASM_LAYER "application/vnd.module.wasm.content.layer.v1+wasm"

/* OCI image specification, media-types.md. */
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"

/* Docker Image Manifest Version 2, Schema 2. */
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"

/* The names that the two files of an image carry (org.opencontainers.image.title). */
#define TITLE_CONFIG "runtime-config.json"
#define TITLE_WASM "filter.wasm"
#define ANNOTATION_TITLE "org.opencontainers.image.title"

#endif
