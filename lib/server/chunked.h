/* Takes a body in chunks apart while the body arrives (RFC 9112, section 7.1). */
#ifndef WASME_SERVER_CHUNKED_H
#define WASME_SERVER_CHUNKED_H

#include <stddef.h>

enum {
    CHUNK_DIGITS_MAX = 15,    /* of a chunk's size, leading zeros included */
    CHUNK_LINE_MAX = 256,     /* bytes of the line with a chunk's size and its extensions */
    CHUNK_TRAILER_MAX = 4096, /* bytes of all trailer fields */
};

enum chunked_part {
    CHUNKED_FRAMING, /* sizes, extensions and trailers: no bytes of the body */
    CHUNKED_CONTENT, /* bytes of the body */
    CHUNKED_END,     /* framing that ends the body */
    CHUNKED_BAD,     /* malformed, or beyond one of the bounds above */
};

/* The place in the body; all zero before the first chunk. */
struct chunked {
    int state;
    long long left; /* bytes of the chunk that are still to come */
    int digits;
    size_t line; /* bytes of this size line or of the trailer so far */
};

/*
 * Finds the next part in `data`, which has at least one byte: returns the kind of the part, and in
 * *size how many bytes of `data` belong to it. Each call continues where the last call stopped; the
 * data may be cut anywhere. Each line must end in CR LF. CHUNKED_END and CHUNKED_BAD are final.
 */
enum chunked_part chunked_next(struct chunked *chunked, const char *data, size_t len, size_t *size);

#endif
