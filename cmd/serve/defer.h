/* Replies that take long: their making is left to another thread. */
#ifndef WASME_CMD_SERVE_DEFER_H
#define WASME_CMD_SERVE_DEFER_H

#include "server/reply.h"

/*
 * Has `run` fill the reply, later and in another thread; `drop` is the last use of `arg`, also when
 * `run` was never called. `run` is as `handle` of the server's options.
 */
int defer(const struct server_request *request, struct server_reply *reply,
          int (*run)(void *arg, const struct server_request *request, struct server_reply *reply,
                     struct err *err),
          void (*drop)(void *arg), void *arg, struct err *err);

#endif
