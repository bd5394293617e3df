/* The hosts behind references: where a registry is spoken to, and how. */
#ifndef WASME_REGISTRY_HOST_H
#define WASME_REGISTRY_HOST_H

#include "http/reach.h"

struct host {
    char *name;    /* as references write it: "docker.io", "127.0.0.1:5000" */
    char *address; /* what is connected to: "registry-1.docker.io", "127.0.0.1:5000" */
    bool http;     /* plain */
    bool settled;  /* `http` is by decision or has proved right; otherwise the other may be tried */
    bool flipped;  /* `http` is not what it was at first */
    bool answered; /* it has, in this run */
    bool tried;    /* a request to it has ended, well or not */
    struct sender sender; /* `reached`: as written until it has answered */
    bool unproved;        /* it has asked for a login, and has not yet taken one */
    bool proved;          /* it has taken one in this run */
    int harbor;           /* its API is there: 1, it is not: -1, not asked yet: 0; see harbor.h */
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

#endif
