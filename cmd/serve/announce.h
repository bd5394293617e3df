/* The first lines of `wasme serve`: what is served, and the addresses by which clients reach it. */
#ifndef WASME_CMD_SERVE_ANNOUNCE_H
#define WASME_CMD_SERVE_ANNOUNCE_H

#include "server/server.h"

/* Prints to stdout. `what` is shown with its control characters escaped. */
void announce(const char *what, const struct server_options *options, const struct server *server);
/* Removes the brackets that an IPv6 address has in a URL. The caller frees the result. */
char *announce_bare_address(const char *text);

#endif
