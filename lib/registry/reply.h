/*
 * Reading an HTTP/1.x response as its bytes arrive (RFC 9112, sections 4 to 7). What could be read
 * in two ways is refused: two lengths, a length beside chunks, folded lines, stray NULs.
 */
#ifndef WASME_REGISTRY_REPLY_H
#define WASME_REGISTRY_REPLY_H

#include <stdbool.h>

#include "base/buf.h"

#define REPLY_LINE_MAX (16 * 1024) /* bytes of a line of the head, or of a chunk's */

enum reply_state {
    REPLY_STATUS, /* at the status line */
    REPLY_FIELDS,
    REPLY_LENGTH, /* in a body of `left` more bytes */
    REPLY_CHUNK_SIZE,
    REPLY_CHUNK, /* in a chunk of `left` more bytes */
    REPLY_CHUNK_END,
    REPLY_TRAILER,
    REPLY_TO_CLOSE, /* in a body that the connection's end ends */
    REPLY_DONE,
    REPLY_CUT,   /* a callback wanted no more */
    REPLY_WRONG, /* it is no HTTP */
};

struct reply {
    /* Filled by the caller. */
    bool bodyless; /* of HEAD */
    bool (*head)(void *arg, const char *line, size_t len);
    bool (*write)(void *arg, const char *data, size_t len);
    void *arg;

    enum reply_state state;
    bool begun; /* a byte came */
    int status;
    bool keep_alive; /* the connection may be used again */
    bool chunked;
    bool has_length;
    long long left;
    struct buf line; /* what is there of the present line; owned */
};

/* Makes it ready for a response; the caller's part is kept. */
void reply_start(struct reply *reply);
/* Takes all the bytes; look at `state` then. */
void reply_take(struct reply *reply, const char *data, size_t len);
/* The connection has ended: true when the response is whole. */
bool reply_end(struct reply *reply);
void reply_release(struct reply *reply);

#endif
