/* A registry's name and addresses, looked at below HTTP. */
#ifndef WASME_HTTP_PROBE_NET_H
#define WASME_HTTP_PROBE_NET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

#define PROBE_ADDRESSES_MAX 16 /* of a name; more are not looked at */

struct probe_address {
    struct sockaddr_storage socket;
    socklen_t socket_len;
    char text[64]; /* by number, without the port */
    bool v6;
    const char *problem; /* NULL: it takes connections; literal */
};

struct probe_addresses {
    struct probe_address items[PROBE_ADDRESSES_MAX];
    size_t count;
    char port[8];
};

/* The addresses behind host[:port] (an IPv6 address in brackets) in the system's order of use;
 * `port` where there is none. ERR_NOT_FOUND says why the name is not known. */
int probe_resolve(const char *address, const char *port, struct probe_addresses *out,
                  struct err *err);
/* Tries to connect to all of them at once, for `ms` milliseconds at the most or until
 * `*interrupted` (may be NULL), and sets each `problem`. Nothing is sent. */
void probe_connect(struct probe_addresses *addresses, int ms, const volatile int *interrupted);

#endif
