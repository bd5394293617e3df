/* A connection: reads requests, answers them in turn, waits. */
#ifndef WASME_SERVER_CONN_H
#define WASME_SERVER_CONN_H

#include <stdint.h>
#include <sys/socket.h>

#include "server/state.h"

/* Takes the socket over and watches it; it is closed when that fails. */
void conn_open(struct server *server, int fd, const struct sockaddr_storage *peer);
/* `events` of epoll; one that is closed already is left alone. */
void conn_event(struct server *server, struct conn *conn, uint32_t events);
/* Goes on where it left off; for those in server->turns. */
void conn_turn(struct server *server, struct conn *conn);
/* Its timer is due. */
void conn_expire(struct server *server, struct conn *conn);
/* Answers what has come in already, and ends it unless a response is under way. */
void conn_stop(struct server *server, struct conn *conn);
/* Closes the socket; the memory goes with conn_bury(), since events may still point at it. */
void conn_close(struct server *server, struct conn *conn);
void conn_bury(struct server *server);

#endif
