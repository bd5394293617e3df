/* One response on its way: the bytes still to be sent, and the facts for its log entry. */
#ifndef WASME_SERVER_DELIVERY_H
#define WASME_SERVER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/body.h"
#include "server/wire.h"

struct delivery {
    const char *text; /* the header and a small body; borrowed, until delivery_keep() */
    size_t text_len;
    size_t text_sent;
    size_t head_len;   /* how much of the text is header */
    struct body *body; /* shared; a body that is not in the text; NULL: none */
    off_t at;          /* the next byte of the body */
    long long left;    /* bytes of the body still to be sent */
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
    DELIVERY_CHANGED, /* the file was changed meanwhile: likewise, without the last bytes */
};

void delivery_init(struct delivery *delivery);
void delivery_release(struct delivery *delivery);
/* Gives up the body. */
void delivery_drop_body(struct delivery *delivery);
enum delivery_step delivery_send(struct delivery *delivery, struct wire *wire);
/* Moves the rest of the response to the heap, with copies of the borrowed texts; the caller owns
 * the result. */
struct delivery *delivery_keep(struct delivery *delivery);
/* Bytes that the peer's system has confirmed since the last call. */
long long delivery_progress(struct delivery *delivery, const struct wire *wire);

#endif
