/* The body of a request on its way into the handler's sink. */
#ifndef WASME_SERVER_INTAKE_H
#define WASME_SERVER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/chunked.h"
#include "server/reply.h"

struct intake {
    struct server_request request; /* a copy that stays */
    char *texts;                   /* owned: of the request */
    struct server_sink sink;
    struct chunked chunks;
    long long left;     /* bytes to come, when there are no chunks */
    long long received; /* bytes given to the sink */
    long long counted;  /* of these, when the body's timer was started */
    int64_t began;      /* ms: when the request's first byte came */
    bool ended;         /* the sink's end was called */
};

enum intake_step {
    INTAKE_MORE,   /* all bytes were taken, and more must come */
    INTAKE_DONE,   /* the body is complete */
    INTAKE_BROKEN, /* the body is to be broken off, with *status */
};

/* The caller owns it. */
struct intake *intake_new(const struct server_request *request, const struct server_sink *sink,
                          int64_t began);
/*
 * Gives what `data` has of the body to the sink; *used: how many bytes that were. With no bytes it
 * tells whether a body has to come at all, and whether it may. *status: 413; 400 and 501 for a
 * transfer coding; 500, with an error, when the sink failed.
 */
enum intake_step intake_take(struct intake *intake, const char *data, size_t len, size_t *used,
                             int *status, struct err *err);
/* The body is complete: lets the sink fill the reply. */
int intake_end(struct intake *intake, struct server_reply *reply, struct err *err);
/* Bytes of the body that have come since the last call. */
long long intake_progress(struct intake *intake);
/* Tells the sink that its body broke off, unless it was ended before. */
void intake_free(struct intake *intake);
void intake_free_at(struct intake **intake); /* for AUTO() */

#endif
