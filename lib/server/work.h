/* The work of a connection at an event or a deadline: reads requests and answers them in turn. */
#ifndef WASME_SERVER_WORK_H
#define WASME_SERVER_WORK_H

#include <stdint.h>

#include "server/state.h"

/* Works after `events` of epoll; does nothing with a closed connection. */
void work_event(struct server *server, struct conn *conn, uint32_t events);
/* Continues a connection of server->turns. */
void work_turn(struct server *server, struct conn *conn);
/* Acts when the connection's timer is due. */
void work_expire(struct server *server, struct conn *conn);
/* Answers the requests that have come in already, and ends the connection unless a response is
 * under way. */
void work_stop(struct server *server, struct conn *conn);

#endif
