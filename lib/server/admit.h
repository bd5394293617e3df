/* Who is let in: addresses when they connect, requests before anything answers them. */
#ifndef WASME_SERVER_ADMIT_H
#define WASME_SERVER_ADMIT_H

#include "server/state.h"

/* Whether `networks` of the options has the peer, or there are none, and the peer's address may
 * have one more connection. A refusal is told, at most once a second. */
bool admit_peer(struct server *server, const struct sockaddr_storage *peer);
/* Asks `admit` of the options. False: the reply is made. */
bool admit_request(const struct server *server, struct server_request *request,
                   struct server_reply *reply);

#endif
