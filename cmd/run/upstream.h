/*
 * The server behind the filter: a server of our own that tells the client what it got, in a thread
 * of this process.
 *
 * The answer is a JSON object with "method", "path" (with the query), "headers" (names in small
 * letters; the values of equal names in one text, with ", " between them) and "body". A body that
 * is no UTF-8 comes as "bodyBase64". Bodies have at most UPSTREAM_BODY_MAX bytes (413).
 */
#ifndef WASME_CMD_RUN_UPSTREAM_H
#define WASME_CMD_RUN_UPSTREAM_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/texts.h"
#include "cmd/run_limits.h"

struct upstream;

/* What the server answers in place of the JSON object. All is lent. */
struct upstream_answer {
    int status;
    const struct texts *fields; /* "name: value" */
    const char *body;
    size_t body_len;
};

/* A request as the server got it. */
struct upstream_seen {
    bool came;
    char *method, *path;
    struct texts fields; /* "name: value", names in small letters, in their order */
    struct buf body;
};
void upstream_seen_release(struct upstream_seen *seen); /* usable with AUTO() */

/* Begins to listen on a free port of 127.0.0.1. */
int upstream_start(struct upstream **out, struct err *err);
void upstream_stop_at(struct upstream **upstream); /* for AUTO() */
int upstream_port(const struct upstream *upstream);
/* From now on the server answers so (NULL: with the JSON object), and has seen no request. The
 * answer is lent until the next call. */
void upstream_expect(struct upstream *upstream, const struct upstream_answer *answer);
/* Hands over the first request since upstream_expect(); a second call has nothing. */
void upstream_take_seen(struct upstream *upstream, struct upstream_seen *out);

#endif
