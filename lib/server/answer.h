/* What a request is answered. */
#ifndef WASME_SERVER_ANSWER_H
#define WASME_SERVER_ANSWER_H

#include "server/parse.h"
#include "server/state.h"

/*
 * Makes a response: its text in server->out, the rest and what is to be logged in `delivery`,
 * which is initialised. With request->status set, that is the status.
 */
void answer_request(struct server *server, const struct request *request,
                    struct delivery *delivery);

#endif
