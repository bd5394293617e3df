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

/* Layers and configs of ordinary images: OCI image specification, media-types.md; Docker Image
 * Manifest Version 2, Schema 2. */
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_TAR "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_TAR_GZIP MEDIA_OCI_TAR "+gzip"
#define MEDIA_OCI_TAR_ZSTD MEDIA_OCI_TAR "+zstd"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_TAR "application/vnd.docker.image.rootfs.diff.tar"
#define MEDIA_DOCKER_TAR_GZIP MEDIA_DOCKER_TAR ".gzip"
#define MEDIA_DOCKER_TAR_ZSTD MEDIA_DOCKER_TAR ".zstd"

/* CNCF TAG Runtime, Wasm OCI Artifact layout (rust-oci-wasm, src/lib.rs). */
#define MEDIA_CNCF_CONFIG "application/vnd.wasm.config.v0+json"
#define MEDIA_CNCF_LAYER "application/wasm"

/* wasm-to-oci, and Spin. */
#define MEDIA_CONTENT_LAYER "application/vnd.wasm.content.layer.v1+wasm"

/* Higress's plugin images begin with such layers: spec.v1+yaml, doc.v1+markdown, ... */
#define MEDIA_PLUGIN_SPEC "application/vnd.module.wasm.spec."
#define MEDIA_PLUGIN_DOC "application/vnd.module.wasm.doc."

/* The type of a file that was pushed without naming any (docs: oras push). */
#define MEDIA_OCTET_STREAM "application/octet-stream"

/* The names of files within a tar layer (solo-io/wasm, spec/spec-compat.md). */
#define ENTRY_WASM "plugin.wasm"
#define ENTRY_CONFIG "runtime-config.json"

/* The names that the two files of an image carry (ANNOTATION_TITLE). */
#define TITLE_CONFIG "runtime-config.json"
#define TITLE_WASM "filter.wasm"

#endif
