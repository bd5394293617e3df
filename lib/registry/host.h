/* The hosts of registries: the address behind a name, and the scheme to speak to it. */
#ifndef WASME_REGISTRY_HOST_H
#define WASME_REGISTRY_HOST_H

#include "http/reach.h"

struct host {
    char *name;    /* as references write the host: "docker.io", "127.0.0.1:5000" */
    char *address; /* for connections: "registry-1.docker.io", "127.0.0.1:5000" */
    bool http;     /* plain http is spoken, and not https */
    bool settled;  /* `http` was decided, or has proved right; otherwise it may still change */
    bool flipped;  /* `http` has changed once */
    bool answered; /* the host has answered in this run */
    bool tried;    /* a request to the host has ended, with success or without */
    struct sender sender; /* before the first answer, `reached` is as `written` */
    bool unproved;        /* the host has asked for a login, and has not taken one yet */
    bool proved;          /* the host has taken a login in this run */
    bool open;        /* the host has answered a request without a login otherwise than by 401 */
    bool multiplexed; /* the host speaks HTTP/2: small requests share one connection */
    size_t warm;      /* connections for uploads that were opened before they were needed */
    bool recalled;    /* how to log in is known from an earlier run: see recall.h */
    int harbor;       /* 1: a Harbor; -1: no Harbor; 0: not asked yet; see harbor_detect() */
};

/*
 * `plain_http` (an option) makes every host an http one. Otherwise plain http is used only on this
 * machine itself. There, plain http is tried first unless an option speaks of TLS (`tls_hinted`),
 * and the peer's answer shows when the scheme was wrong; that is safe, since no credential is sent
 * before a challenge has come.
 */
void host_init(struct host *host, const char *name, bool plain_http, bool tls_hinted);
void host_release(struct host *host);
/* "https://registry-1.docker.io"; the caller frees the text. */
char *host_base(const struct host *host);
/* Changes the scheme, when the peer seems to speak the other one. False: the scheme is settled, and
 * stays. */
bool host_flip(struct host *host);

#endif
