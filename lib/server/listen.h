/* The listening socket. */
#ifndef WASME_SERVER_LISTEN_H
#define WASME_SERVER_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

/* `bind_to` is `bind` of struct server_options. Hands over a non-blocking socket. */
int listen_open(const char *bind_to, int port, int *fd, struct err *err);
/* Makes a socket that listens already fit for the server. ERR_USAGE: the descriptor is no listening
 * socket of TCP. */
int listen_take(int fd, struct err *err);
int listen_port(int fd);
/* Whether only this machine reaches the socket. */
bool listen_is_local(int fd);

#endif
