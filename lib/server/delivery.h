/* One response on its way: the bytes still to be sent, and the facts for its log entry. */
#ifndef WASME_SERVER_DELIVERY_H
#define WASME_SERVER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "server/wire.h"

struct delivery {
    const char *text; /* the header and a small body; borrowed, until delivery_keep() */
    size_t text_len;
    size_t text_sent;
    size_t head_len; /* how much of the text is header */
    struct buf page; /* owned; a body in memory that is not in the text */
    size_t page_sent;
    int file; /* owned, or -1: a body in a file */
    off_t at; /* the next byte of the file */
    long long left;
    long long body_sent;
    long long acknowledged; /* bytes confirmed when the send timer was started */
    bool close;             /* the connection ends with this response */
    bool linger;            /* the client may still be sending at the end */
    int status;
    int64_t began;      /* ms */
    const char *method; /* borrowed, until delivery_keep() */
    const char *target;
    const char *agent;
    const char *user; /* or NULL */
    char *kept;       /* owned: copies of the texts above, made by delivery_keep() */
};

enum delivery_step {
    DELIVERY_DONE,
    DELIVERY_BLOCKED, /* the socket takes no more for now */
    DELIVERY_TURN,    /* the socket would take more, but other connections want their turn */
    DELIVERY_FAILED,  /* the peer is gone */
    DELIVERY_SHORT,   /* the file ended before its time: the connection must end too */
};

void delivery_init(struct delivery *delivery);
void delivery_release(struct delivery *delivery);
/* Gives up the file or the page. */
void delivery_drop_body(struct delivery *delivery);
enum delivery_step delivery_send(struct delivery *delivery, struct wire *wire);
/* Moves the rest of the response to the heap, with copies of the borrowed texts; the caller owns
 * the result. */
struct delivery *delivery_keep(struct delivery *delivery);
/* Bytes that the peer's system has confirmed since the last call. */
long long delivery_progress(struct delivery *delivery, const struct wire *wire);

#endif
