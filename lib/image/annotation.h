/* The names of the annotations that wasme reads and writes, each with the text that defines it. */
#ifndef WASME_IMAGE_ANNOTATION_H
#define WASME_IMAGE_ANNOTATION_H

/* OCI image specification, annotations.md, "Pre-Defined Annotation Keys". */
#define ANNOTATION_PREDEFINED "org.opencontainers.image."
#define ANNOTATION_TITLE ANNOTATION_PREDEFINED "title"
#define ANNOTATION_CREATED ANNOTATION_PREDEFINED "created"
#define ANNOTATION_SOURCE ANNOTATION_PREDEFINED "source"
#define ANNOTATION_REVISION ANNOTATION_PREDEFINED "revision"
/* The tag of an image in an image layout (image-layout.md). */
#define ANNOTATION_REF_NAME ANNOTATION_PREDEFINED "ref.name"

/* The full reference of an image in an image layout, as containerd and Docker write it. */
#define ANNOTATION_IMAGE_NAME "io.containerd.image.name"
/* BuildKit marks the attestations of an index by it (docs/attestations/attestation-storage.md). */
#define ANNOTATION_REFERENCE_TYPE "vnd.docker.reference.type"

/* The original wasme's manifests of the oci form; the values come from the runtime config. */
#define ANNOTATION_ABI "module.wasm.runtime/abi_version"
#define ANNOTATION_TYPE "module.wasm.runtime/type"
/* The Wasm Artifact Image specification (solo-io/wasm, spec/spec-compat.md). */
#define ANNOTATION_VARIANT "module.wasm.image/variant"

#endif
