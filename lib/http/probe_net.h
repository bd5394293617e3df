/* Looks up a registry's name and tries to connect to its addresses, without HTTP. */
#ifndef WASME_HTTP_PROBE_NET_H
#define WASME_HTTP_PROBE_NET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

#define PROBE_ADDRESSES_MAX 16 /* of one name; further ones are ignored */

struct probe_address {
    struct sockaddr_storage socket;
    socklen_t socket_len;
    char text[64]; /* in digits, without the port */
    bool v6;
    const char *problem; /* why no connection was made; NULL: one was made; static */
};

struct probe_addresses {
    struct probe_address items[PROBE_ADDRESSES_MAX];
    size_t count;
    char port[8];
};

/* Finds the addresses of host[:port] (an IPv6 address in brackets), in the order in which the
 * system would use them. `port` counts when `address` has none. ERR_NOT_FOUND: the name is not
 * known; the error says why. */
int probe_resolve(const char *address, const char *port, struct probe_addresses *out,
                  struct err *err);
/* Tries to connect to all addresses at the same time, and sets each `problem`. The tries end
 * after `ms` milliseconds, or when `*interrupted` is not 0 (`interrupted` may be NULL). Nothing
 * is sent. */
void probe_connect(struct probe_addresses *addresses, int ms, const volatile int *interrupted);

#endif
