/* The work of a connection when something happens to it: reads requests, answers them in turn. */
#ifndef WASME_SERVER_WORK_H
#define WASME_SERVER_WORK_H

#include <stdint.h>

#include "server/state.h"

/* `events` of epoll; a connection that is closed already is left alone. */
void work_event(struct server *server, struct conn *conn, uint32_t events);
/* Goes on where the connection left off; for those in server->turns. */
void work_turn(struct server *server, struct conn *conn);
/* The connection's timer is due. */
void work_expire(struct server *server, struct conn *conn);
/* Answers the requests that have come in already, and ends the connection unless a response is
 * under way. */
void work_stop(struct server *server, struct conn *conn);

#endif
