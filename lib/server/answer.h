/* Asks the handler for a reply, and writes the response that the reply describes. */
#ifndef WASME_SERVER_ANSWER_H
#define WASME_SERVER_ANSWER_H

#include "server/intake.h"
#include "server/state.h"
#include "server/target.h"

/*
 * Decides whether the handler, or a kept reply, is to answer the request. Otherwise the reply,
 * which is initialised, is made: the request has a status of its own, is a preflight, or was not
 * admitted. `path` is memory for the request's path.
 */
bool answer_admit(const struct server *server, struct server_request *request,
                  char path[TARGET_PATH_MAX + 1], struct server_reply *reply);
/* Lets the handler fill the reply. An error of the handler becomes 500. */
void answer_ask(const struct server *server, struct server_request *request,
                struct server_reply *reply);
/* Checks what the handler, a sink or a job returned with its reply: an error becomes 500. */
void answer_settle(const struct server *server, const struct server_request *request,
                   struct server_reply *reply, int rc, const struct err *err);
/* Lets the sink fill the reply after a complete body. */
void answer_body(const struct server *server, struct intake *intake, struct server_reply *reply);
/*
 * Writes the response: the text in server->out, all else and the facts for the log in `delivery`,
 * which is initialised. The caller releases the reply.
 */
void answer_write(struct server *server, const struct server_request *request,
                  struct server_reply *reply, struct delivery *delivery);

#endif
