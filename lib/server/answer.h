/* From a request to the response: the handler is asked, and its reply written down. */
#ifndef WASME_SERVER_ANSWER_H
#define WASME_SERVER_ANSWER_H

#include "server/intake.h"
#include "server/state.h"
#include "server/target.h"

/*
 * Lets the handler fill the reply, which is initialised; with request->status set, that is the
 * reply. `path` is room for the request's path. An error of the handler becomes 500.
 */
void answer_ask(const struct server *server, struct server_request *request,
                char path[TARGET_PATH_MAX + 1], struct server_reply *reply);
/* The same for a body that is complete. */
void answer_body(const struct server *server, struct intake *intake, struct server_reply *reply);
/*
 * Makes a response of the reply: its text in server->out, the rest and what is to be logged in
 * `delivery`, which is initialised. The reply is still to be released.
 */
void answer_write(struct server *server, const struct server_request *request,
                  struct server_reply *reply, struct delivery *delivery);

#endif
