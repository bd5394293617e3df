/* A request to Envoy, sent as it is written, and its answer. */
#ifndef WASME_CMD_RUN_CLIENT_H
#define WASME_CMD_RUN_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/texts.h"

struct proxy;

enum {
    CLIENT_HEAD_MAX = 1024 * 1024,
    CLIENT_BODY_MAX = 64 * 1024 * 1024,
};

/* All is lent. */
struct client_request {
    const char *text; /* the whole request */
    size_t len;
    bool head; /* the method is HEAD */
    int64_t ms;
};

struct client_answer {
    int status;
    struct texts fields; /* "name: value", as they came */
    struct buf body;
};
void client_answer_release(struct client_answer *answer); /* usable with AUTO() */

/* Connects to the socket at the path, or to the port of 127.0.0.1; the caller closes `*fd`. */
int client_connect_path(const char *path, int *fd, struct err *err);
int client_connect_port(int port, int *fd, struct err *err);
/*
 * Sends the request over the connection and reads the answer. ERR_INTERRUPTED: the user wants an
 * end; ERR_FAILED: Envoy has ended, or its answer has not come within the time, or is no HTTP, or
 * is larger than the bounds above.
 */
int client_ask(struct proxy *proxy, int fd, const struct client_request *request,
               struct client_answer *out, struct err *err);

#endif
