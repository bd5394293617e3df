/* /healthz and /metrics: whether the server runs, and its counters. */
#ifndef WASME_CMD_SERVE_STATUS_H
#define WASME_CMD_SERVE_STATUS_H

#include "cmd/serve/live.h"
#include "server/server.h"

struct status {
    const struct server *server;
    struct live *live; /* of a served store; or NULL */
};

/* The reply to /healthz. */
void status_health(struct server_reply *out);
/* Replies to the two paths; false: the path is another one. */
bool status_resolve(const struct status *status, const char *path, struct server_reply *out);

#endif
