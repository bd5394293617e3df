/* A connection: opened, sent through, closed. */
#ifndef WASME_SERVER_CONN_H
#define WASME_SERVER_CONN_H

#include <sys/socket.h>

#include "server/state.h"

/* Takes the socket over. NULL: the socket was closed, since that failed. */
struct conn *conn_open(struct server *server, int fd, const struct sockaddr_storage *peer);
/* Has events of the connection reported from now on, unless it is closed; closes it on an error. */
void conn_watch(struct server *server, struct conn *conn);
/* Puts the connection into server->turns, once. */
void conn_queue(struct server *server, struct conn *conn);
/*
 * Sends as much of a response as the socket takes. A response that is not sent whole becomes
 * conn->delivery, if it is not that already. A response that is sent whole is logged, and the
 * connection ends with its last response. Returns false when no other request can be answered now.
 */
bool conn_send(struct server *server, struct conn *conn, struct delivery *delivery);
/* Closes the socket. Events may still point at the connection: conn_bury() frees the memory. */
void conn_close(struct server *server, struct conn *conn);
void conn_bury(struct server *server);

#endif
