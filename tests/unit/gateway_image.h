/* Images that tests hand to gateways, with layers made by hand. A function that fails makes the
 * test fail. */
#ifndef WASME_TESTS_UNIT_GATEWAY_IMAGE_H
#define WASME_TESTS_UNIT_GATEWAY_IMAGE_H

#include "base/buf.h"
#include "image/gateway.h"
#include "image/gateway_header.h"
#include "image/media_type.h"

#define BLOCK TAR_BLOCK
#define FIELD(name, value) "\"" name "\":\"" value "\""
#define REF "h.example/a/b"
#define WASM "\0asm\1\0\0\0" /* without the NUL at its end */
#define WASM_LEN 8

/* A block of a tar; `type` as in the header. */
void add_header(struct buf *tar, const char *name, char type, size_t size);
void add_zeros(struct buf *out, size_t len);
void add_file(struct buf *tar, const char *name, const void *data, size_t len);
/* A gzip member of stored blocks, whose checksum is wrong: a reader that comes to its end refuses
 * it. */
void add_gzip(struct buf *out, const struct buf *data);
/* A layer with a plugin.wasm. */
void add_layer(struct buf *out);

/* The layers of an image, found by their digests. */
struct blobs {
    struct buf bytes[2];
    struct digest digests[2];
    size_t count;
};
void blobs_release(struct blobs *blobs); /* usable with AUTO() */
/* gateway_image.open_layer, with the blobs as its `arg`. */
int open_blob(void *blobs, const struct descriptor *layer, int *fd, struct err *err);
/* The descriptor of the bytes, which become a blob, with more members (",..."); the caller's. */
char *describe(struct blobs *blobs, const char *type, const struct buf *data, const char *more);

#define CONFIG                                                                                     \
    "{" FIELD("mediaType", MEDIA_OCI_CONFIG) "," FIELD(                                            \
        "digest",                                                                                  \
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a") ",\"size\":2}"

/* A manifest of these descriptors; the caller's. */
char *compose(const char *config, const char *layers);

/* The texts on the way to the manifest, the manifest last. */
struct way {
    const char *texts[3];
    const char *type;   /* with which the first one is sent, or NULL */
    const char *pinned; /* the digest behind "@", or NULL */
};

int check_way(enum gateway gateway, const struct way *way, struct blobs *blobs,
              struct gateway_verdict *out, struct err *err);
/* Asserts that each gateway loads the image (because: NULL), or the reason why it does not. */
void assert_verdict(const struct way *way, struct blobs *blobs, const char *because);

#endif
