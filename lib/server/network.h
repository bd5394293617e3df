/* Addresses of peers, and the networks that they belong to (RFC 4632, RFC 4291). */
#ifndef WASME_SERVER_NETWORK_H
#define WASME_SERVER_NETWORK_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

/* An IPv4 address has the first four bytes, also when IPv6 writes it as ::ffff:10.0.0.7. */
struct address {
    bool six;
    unsigned char bytes[16];
};

struct network {
    struct address address;
    int bits; /* how many leading bits of the address count */
};

/* Of a socket of IPv4 or IPv6. */
void address_of(const struct sockaddr_storage *socket, struct address *out);
/* 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *address);

/*
 * Reads "10.0.0.0/8", "fd00::/8", or one address. ERR_USAGE, with the text in the message: the text
 * is neither, or the address has bits behind its prefix, which is more often a slip than a wish.
 */
int network_parse(const char *text, struct network *out, struct err *err);
/* 0.0.0.0/0 has all addresses of IPv4, and ::/0 all those of IPv6. */
bool network_has(const struct network *network, const struct address *address);

#endif
