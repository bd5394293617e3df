/* Which part of the network an address belongs to, and who may send the client there. */
#ifndef WASME_HTTP_REACH_H
#define WASME_HTTP_REACH_H

#include <stdbool.h>

struct sockaddr;

/* The order is of use: see sender_may_name(). */
enum host_kind {
    HOST_PUBLIC,   /* a name, or an address of the public network */
    HOST_PRIVATE,  /* 10/8, 172.16/12, 192.168/16, 100.64/10, 198.18/15, fc00::/7, fec0::/10 */
    HOST_LOOPBACK, /* localhost, *.localhost, 127/8, ::1 */
    HOST_SPECIAL,  /* link-local, unspecified and the metadata services of clouds */
};

/*
 * Who names an address: a registry, or whoever it redirected to. `written` is the kind of its own
 * address as that was written, `reached` of the one that the connection was made to. A name is
 * HOST_PUBLIC as written; so is, as reached, what a proxy was asked for by name.
 */
struct sender {
    enum host_kind written;
    enum host_kind reached;
};

/* `address` is host[:port], an IPv6 address in brackets. Names are not resolved. */
enum host_kind host_kind(const char *address);
/* The same of an address that is connected to. */
enum host_kind host_kind_of(const struct sockaddr *address);

/*
 * Nobody may send us inward: what is public not to the private network, nobody but a registry of
 * this machine to this machine, and nobody at all to a special address. `written` is the kind of
 * the address as the sender wrote it: what it calls localhost or 127.0.0.1 is this machine only
 * when its own address was written so, since a name that leads here may be a tunnel's.
 */
bool sender_may_name(struct sender sender, enum host_kind written);
/* The same when the address that was named is known; a sender's own (`own`) may be of its kind. */
bool sender_may_reach(struct sender sender, enum host_kind reached, bool own);
/* Two that named an address one after the other: the one who may less. */
struct sender sender_join(struct sender first, struct sender second);

#endif
