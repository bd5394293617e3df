/* Connections to this machine. */
#ifndef WASME_REGISTRY_CONNECT_H
#define WASME_REGISTRY_CONNECT_H

#include "base/err.h"

/*
 * Connects to "localhost:5000", "127.0.0.1" (port 80) or "[::1]:5000", waiting `seconds` at the
 * most; the socket does not block and is close-on-exec. Names are those of this machine: nothing
 * is resolved.
 */
int connect_local(const char *address, long seconds, int *fd, struct err *err);

#endif
