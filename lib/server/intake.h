/* A request whose body is on its way into the handler's sink. */
#ifndef WASME_SERVER_INTAKE_H
#define WASME_SERVER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/chunked.h"
#include "server/reply.h"

struct intake {
    struct server_request request; /* a copy that lasts until the end of the body */
    char *texts;                   /* owned: the texts of the request */
    struct server_sink sink;
    struct chunked chunks;
    long long left;     /* bytes to come, when there are no chunks */
    long long received; /* bytes given to the sink */
    long long counted;  /* bytes received when the body's timer was started */
    int64_t began;      /* ms: when the request's first byte came */
    bool ended;         /* the end() of the sink was called */
};

enum intake_step {
    INTAKE_MORE,   /* all bytes were taken, and more must come */
    INTAKE_DONE,   /* the body is complete */
    INTAKE_BROKEN, /* the body cannot be taken further; *status is the answer */
};

/* The caller owns it. */
struct intake *intake_new(const struct server_request *request, const struct server_sink *sink,
                          int64_t began);
/*
 * Gives the bytes of the body in `data` to the sink; *used: how many bytes of `data` were taken. A
 * call with `len` 0 tells whether a body follows at all, and whether the body may come. *status is
 * 413 for a body that is too large, 400 for malformed chunks, 501 for another transfer coding, and
 * 500, with an error, when the sink failed.
 */
enum intake_step intake_take(struct intake *intake, const char *data, size_t len, size_t *used,
                             int *status, struct err *err);
/* Lets the sink fill the reply, after the complete body. */
int intake_end(struct intake *intake, struct server_reply *reply, struct err *err);
/* Bytes of the body that have come since the last call. */
long long intake_progress(struct intake *intake);
/* Tells the sink that the body broke off, unless the sink was ended before; then frees all. */
void intake_free_at(struct intake **intake); /* for AUTO() */

#endif
