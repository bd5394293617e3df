/* The listening socket. */
#ifndef WASME_SERVER_LISTEN_H
#define WASME_SERVER_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

/* `bind_to` is `bind` of struct server_options. Hands over a non-blocking socket and its port. */
int listen_open(const char *bind_to, int port, int *fd, int *actual, struct err *err);
/* Whether only this machine reaches the socket. */
bool listen_is_local(int fd);

#endif
