/* One request and its response: asks the handler, hands the body on, sends the reply. */
#ifndef WASME_SERVER_EXCHANGE_H
#define WASME_SERVER_EXCHANGE_H

#include "server/state.h"

/* Each of these functions returns false when no other request can be answered now. */

/* Answers the request, or makes conn->intake of it when the handler wants the body first. `behind`:
 * bytes after the header block that have come in already. */
bool exchange_begin(struct server *server, struct conn *conn, struct server_request *request,
                    size_t behind);
/* Hands bytes to conn->intake, and answers at the end of the body. *used: how many bytes are done
 * with; all of them, as long as conn->intake stays. */
bool exchange_body(struct server *server, struct conn *conn, const char *data, size_t len,
                   size_t *used);
/* Answers with this status instead of the handler, for conn->intake or, without one, for a request
 * that did not come in whole. The connection ends with this answer. */
bool exchange_break(struct server *server, struct conn *conn, int status);
/* Answers a client that spoke plain HTTP where TLS is expected. */
bool exchange_refuse_plain(struct server *server, struct conn *conn);

#endif
