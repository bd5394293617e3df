/*
 * What a manifest of any kind names (OCI image specification, manifest.md and image-index.md): the
 * blobs and manifests that it is made of, its subject, its type. lib/image reads images alone, and
 * sha256 alone.
 */
#ifndef WASME_STORE_DISTRIBUTION_CONTENTS_H
#define WASME_STORE_DISTRIBUTION_CONTENTS_H

#include "base/digest.h"
#include "base/json.h"

enum { CONTENTS_PARTS_MAX = 20000 }; /* the text is bounded by MANIFEST_MAX */

struct contents_part {
    struct digest_any digest;
    long long size;
    bool manifest;  /* a manifest, otherwise a blob */
    bool elsewhere; /* a layer that registries need not hold: see image/descriptor.h */
};

struct contents {
    struct json_t *doc;        /* owned */
    const char *media_type;    /* the field in the text, lent by `doc`; NULL: none */
    const char *artifact_type; /* likewise; of the manifest, else of its config */
    struct contents_part *parts;
    size_t count;
    struct digest_any subject; /* "": none */
};

/* ERR_DAMAGED names what is wrong with the text. */
int contents_read(const char *text, size_t len, struct contents *out, struct err *err);
void contents_release(struct contents *contents); /* usable with AUTO() */
/* Whether a manifest may have that media type. A browser must not take it for a page: the bytes are
 * those of whoever pushed them, and the pages of the store have the same origin. */
bool contents_type_valid(const char *media_type);
/* Whether the text is an index, rather than one image or artifact. */
bool contents_is_index(const struct contents *contents);

#endif
