/* The hosts behind references: where a registry is spoken to, how, and what kind of host it is. */
#ifndef WASME_REGISTRY_HOST_H
#define WASME_REGISTRY_HOST_H

#include <stdbool.h>

/* By the address as written; names are not resolved. The order is of use: see host_may_send_to. */
enum host_kind {
    HOST_PUBLIC,   /* a name, or an address of the public network */
    HOST_PRIVATE,  /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7 */
    HOST_LOOPBACK, /* localhost, *.localhost, 127/8, ::1 */
    HOST_SPECIAL,  /* link-local, unspecified and the metadata services of clouds */
};

struct host {
    char *name;    /* as references write it: "docker.io", "127.0.0.1:5000" */
    char *address; /* what is connected to: "registry-1.docker.io", "127.0.0.1:5000" */
    bool http;     /* plain */
    bool settled;  /* `http` is by decision or has proved right; otherwise the other may be tried */
    bool flipped;  /* `http` is not what it was at first */
    bool answered; /* it has, in this run */
    bool tried;    /* a request to it has ended, well or not */
    bool unproved; /* it has asked for a login, and has not yet taken one */
    bool proved;   /* it has taken one in this run */
    int harbor;    /* its API is there: 1, it is not: -1, not asked yet: 0; see harbor.h */
};

/*
 * On a host that is this machine itself, plain http is tried without being asked for. Without a
 * sign of TLS (`tls_hinted`: a certificate option was given) it is tried first, and the peer's
 * answer tells when it was wrong: no credential is sent before a challenge came. Elsewhere only
 * `plain_http` makes it http.
 */
void host_init(struct host *host, const char *name, bool plain_http, bool tls_hinted);
void host_release(struct host *host);
/* "https://registry-1.docker.io"; the caller frees it. */
char *host_base(const struct host *host);
/* The peer speaks the other scheme, it seems: uses that from now on, when that is still open. */
bool host_flip(struct host *host);

/* `address` is host[:port], an IPv6 address in brackets. */
enum host_kind host_kind(const char *address);
/* May a registry on `from` send us, with credentials, to `to`? Not inward: a public one not to a
 * private host, no other one to this machine, and none to a special one, unless it is one. */
bool host_may_send_to(enum host_kind from, enum host_kind to);

#endif
