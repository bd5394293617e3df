/* The part of the network that an address belongs to, and which peers may send the client there. */
#ifndef WASME_HTTP_REACH_H
#define WASME_HTTP_REACH_H

#include <stdbool.h>

struct sockaddr;

/* reach.c compares the kinds by their order: see may_send(). */
enum host_kind {
    HOST_PUBLIC,   /* a name, or an address of the public network */
    HOST_PRIVATE,  /* 10/8, 172.16/12, 192.168/16, 100.64/10, 198.18/15, fc00::/7, fec0::/10 */
    HOST_LOOPBACK, /* localhost, *.localhost, 127/8, ::1 */
    HOST_SPECIAL,  /* link-local, unspecified and the metadata services of clouds */
};

/*
 * A peer that names an address: a registry, or a host that a registry redirected to. A sender has
 * two kinds: that of its address as the address was written, and that of the address that the
 * connection was made to. A name counts as HOST_PUBLIC while it is only written. With a proxy, the
 * address that was reached is not known, and its kind is taken from the written address.
 */
struct sender {
    enum host_kind written;
    enum host_kind reached;
};

/* The kind of a written address: host[:port], an IPv6 address in brackets. Names are not
 * resolved. */
enum host_kind host_kind(const char *address);
/* The kind of an address that a connection is made to. */
enum host_kind host_kind_of(const struct sockaddr *address);

/*
 * May the sender name an address of this kind? No sender may send the client further inward: a
 * public sender not into the private network, only a registry on this machine to this machine, and
 * no sender to a special address. `written` is the kind of the named address as it was written. A
 * sender may write localhost or 127.0.0.1 only when its own address was written so: a name that
 * leads to this machine may be that of a tunnel, whose other end means another machine.
 */
bool sender_may_name(struct sender sender, enum host_kind written);
/* May the client connect to an address of this kind, which the sender has named? `own`: the address
 * is of the sender's own origin, and may then have the sender's own kind. */
bool sender_may_reach(struct sender sender, enum host_kind reached, bool own);
/* The sender that two senders make, who named an address one after the other: it may name only
 * addresses that both of them may name. */
struct sender sender_join(struct sender first, struct sender second);

#endif
