/* OCI content descriptors (image specification, descriptor.md). */
#ifndef WASME_IMAGE_DESCRIPTOR_H
#define WASME_IMAGE_DESCRIPTOR_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"

struct descriptor {
    char *media_type; /* owned */
    struct digest digest;
    long long size; /* bytes, at least 0 */
    char *title;    /* owned; ANNOTATION_TITLE; or NULL */
    bool elsewhere; /* a layer that registries do not hold: its URLs lead to the bytes, which are
                       no filter (OCI image specification, layer.md, "Non-Distributable Layers") */
};

/* Everything is copied; `title` may be NULL. */
void descriptor_init(struct descriptor *descriptor, const char *media_type,
                     const struct digest *digest, long long size, const char *title);
void descriptor_release(struct descriptor *descriptor); /* usable with AUTO() */

/* Whether the text is a media type (RFC 6838, 4.2: type "/" subtype), and so fit for a header. */
bool media_type_valid(const char *text);

/* Adds the JSON that Go's json.Marshal gives for an ocispec.Descriptor with these fields. */
void descriptor_write(const struct descriptor *descriptor, struct buf *out);
/* Reads a JSON object; ERR_DAMAGED names the member that is missing or wrong. */
int descriptor_read(const struct json_t *json, struct descriptor *out, struct err *err);
/* The same from the text of a file; quick for the bytes that descriptor_write() gives. */
int descriptor_parse(const char *text, size_t len, struct descriptor *out, struct err *err);

#endif
