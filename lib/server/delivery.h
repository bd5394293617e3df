/* One response on its way: what is still to be sent, and what its log entry will say. */
#ifndef WASME_SERVER_TRANSFER_H
#define WASME_SERVER_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct transfer {
    const char *text; /* the header and a small body; borrowed, until transfer_keep() */
    size_t text_len;
    size_t text_sent;
    size_t head_len; /* how much of the text is header */
    struct buf page; /* owned; a body in memory that is not in the text */
    size_t page_sent;
    int file; /* owned, or -1: a body in a file */
    off_t at; /* the next byte of the file */
    long long left;
    long long body_sent;
    long long acknowledged; /* what the peer's system had, when the send timer was started */
    bool close;             /* the connection ends with this response */
    bool linger;            /* the client may still be sending when it ends */
    int status;
    int64_t began;      /* ms */
    const char *method; /* borrowed, until transfer_keep() */
    const char *target;
    const char *agent;
    char *kept; /* owned: the texts above, once they have to stay */
};

enum transfer_step {
    TRANSFER_DONE,
    TRANSFER_BLOCKED, /* the socket takes no more for now */
    TRANSFER_TURN,    /* it would take more, but others want their turn */
    TRANSFER_FAILED,  /* the peer is gone */
    TRANSFER_SHORT,   /* the file ended before its time: the connection must end too */
};

void transfer_init(struct transfer *transfer);
void transfer_release(struct transfer *transfer);
/* Gives up the file or the page. */
void transfer_drop_body(struct transfer *transfer);
enum transfer_step transfer_send(struct transfer *transfer, int fd);
/* Moves what is left to the heap, with copies of all that was borrowed; the caller owns it. */
struct transfer *transfer_keep(struct transfer *transfer);
/* Bytes that the peer's system has confirmed since the last call. */
long long transfer_progress(struct transfer *transfer, int fd);

#endif
