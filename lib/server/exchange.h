/* One request and its response: the handler is asked, the body handed on, the reply sent. */
#ifndef WASME_SERVER_EXCHANGE_H
#define WASME_SERVER_EXCHANGE_H

#include "server/state.h"

/* Each returns false when no other request can be answered for now. */

/* Answers the request; or makes it conn->intake, when the handler wants its body first. `behind`:
 * bytes that have come in behind its header block. */
bool exchange_begin(struct server *server, struct conn *conn, struct server_request *request,
                    size_t behind);
/* Hands bytes to conn->intake, and answers when they end the body. *used: how many of them are done
 * with; all, while there is an intake. */
bool exchange_body(struct server *server, struct conn *conn, const char *data, size_t len,
                   size_t *used);
/* Answers with this status in place of the handler, for conn->intake or, without one, for a request
 * that nobody has read. The connection ends with it. */
bool exchange_break(struct server *server, struct conn *conn, int status);

#endif
