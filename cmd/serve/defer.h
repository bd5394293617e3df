/* Replies that take long: their making is left to another thread. */
#ifndef WASME_CMD_SERVE_DEFER_H
#define WASME_CMD_SERVE_DEFER_H

#include "server/reply.h"

/* Has `run` fill the reply, later and in a thread of the server: see struct server_job. `drop` is
 * the last use of `arg`; NULL: `arg` outlives all replies. Returns 0, for a handler to return. */
int defer(struct server_reply *reply,
          int (*run)(void *arg, const struct server_request *request, struct server_reply *reply,
                     struct err *err),
          void (*drop)(void *arg), void *arg);

#endif
