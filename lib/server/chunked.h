/* A body in chunks (RFC 9112, section 7.1), taken apart as it arrives. */
#ifndef WASME_SERVER_CHUNKED_H
#define WASME_SERVER_CHUNKED_H

#include <stddef.h>

enum {
    CHUNK_DIGITS_MAX = 15,    /* of a chunk's size, leading zeros included */
    CHUNK_LINE_MAX = 256,     /* bytes of the line with a chunk's size and its extensions */
    CHUNK_TRAILER_MAX = 4096, /* bytes of all trailer fields */
};

enum chunked_part {
    CHUNKED_FRAMING, /* sizes, extensions and trailers, which mean nothing to the body */
    CHUNKED_CONTENT, /* bytes of the body */
    CHUNKED_END,     /* framing, and the body ends with it */
    CHUNKED_BAD,     /* not chunks, or beyond the bounds above */
};

/* Zeroed, it stands before the first chunk. */
struct chunked {
    int state;
    long long left; /* bytes of the body that the chunk still has, or will have */
    int digits;
    size_t line; /* bytes of this size line, or of the trailer */
};

/*
 * The next part of `data`, which is not empty: its kind, and how many bytes it has. Each call goes
 * on where the last one ended; a part may come in several pieces, cut anywhere. Each line must end
 * in CR LF. Not to be called again after CHUNKED_END and CHUNKED_BAD.
 */
enum chunked_part chunked_next(struct chunked *chunked, const char *data, size_t len, size_t *size);

#endif
