/* A connection: opened, sent through, closed. */
#ifndef WASME_SERVER_CONN_H
#define WASME_SERVER_CONN_H

#include <sys/socket.h>

#include "server/state.h"

/* Takes the socket over and watches it; the socket is closed when that fails. */
void conn_open(struct server *server, int fd, const struct sockaddr_storage *peer);
/* Puts the connection into server->turns, once. */
void conn_queue(struct server *server, struct conn *conn);
/*
 * One write of a response, which is conn->delivery or becomes it when the socket does not take all.
 * When all is out, the response is logged, and the connection ended if it is the last one. False
 * when no other request can be answered for now.
 */
bool conn_send(struct server *server, struct conn *conn, struct delivery *delivery);
/* Closes the socket; the memory goes with conn_bury(), since events may still point at it. */
void conn_close(struct server *server, struct conn *conn);
void conn_bury(struct server *server);

#endif
