/*
 * Manifests and indexes as Go's encoding/json decodes them for the gateways
 * (google/go-containerregistry, pkg/v1/manifest.go, hash.go and platform.go). A member of a wrong
 * type makes the gateways refuse the whole text; wasme's own parsers pass over such members.
 */
#ifndef WASME_IMAGE_GATEWAY_JSON_H
#define WASME_IMAGE_GATEWAY_JSON_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"

/* Why the gateways cannot decode the text of a manifest, or of an index: owned; NULL: they can.
 * ERR_UNSUPPORTED: nobody can tell ("Layers", which Go reads like "layers"). */
int gateway_json_fault(const char *text, size_t len, bool is_index, char **fault, struct err *err);

enum gateway_data {
    DATA_NONE,  /* the descriptor has no bytes in itself */
    DATA_RIGHT, /* the bytes are those that the digest and the size are of */
    DATA_WRONG,
};
/* The bytes that stand in the descriptor, as its member "data" (OCI image specification,
 * descriptor.md), added to `out`, which allows for MANIFEST_MAX. */
enum gateway_data gateway_json_data(const struct json_t *descriptor, struct buf *out);
/* The first descriptor of that digest in a manifest: gateways look a blob up by its digest, in the
 * config first (pkg/v1/partial/with.go, BlobDescriptor). NULL: none. */
const struct json_t *gateway_json_blob(const struct json_t *manifest, const struct digest *digest);

#endif
