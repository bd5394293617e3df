/*
 * Things that all calls of a run share: the HTTP client, the hosts, the certificates that are
 * trusted for each host, and the logins.
 */
#ifndef WASME_REGISTRY_TRANSPORT_H
#define WASME_REGISTRY_TRANSPORT_H

#include "http/http.h"
#include "registry/host.h"
#include "registry/memory.h"
#include "registry/registry.h"

#define TRANSPORT_TURN_MS 250 /* milliseconds: the longest wait without a look at `interrupted` */

struct call;
struct kept;

/* The functions that authenticate calls; auth.c fills this. */
struct authority {
    void *arg;
    /* Called before a call is sent: sets call->login, and hands over the Authorization line, NULL
     * for none. */
    int (*authorize)(void *arg, struct call *call, char **line, struct err *err);
    /* Called after a 401. 0: another try makes sense; otherwise the error for the user. */
    int (*refused)(void *arg, struct call *call, struct err *err);
    /* Called after every other answer to a call that carried a login. True: the answer is a refusal
     * that another try, with another token, may not meet. */
    bool (*answered)(void *arg, const struct call *call);
};

/* A host with certificates of its own. */
struct site {
    char *name; /* owned */
    bool named; /* the user named the host */
    struct trust trust;
};

struct transport {
    const struct registry_options *options;
    struct trust trust;
    struct http *http;
    struct authority authority;
    int64_t opened_at;   /* clock_ms() */
    struct host **hosts; /* each owned */
    size_t host_count;
    struct site **sites; /* each owned */
    size_t site_count;
    struct memory memory; /* how the registries want to be logged in to */
    struct kept *kept;    /* owned: tokens for the next command */
};

int transport_open(struct transport *transport, const struct registry_options *options,
                   struct err *err);
void transport_close(struct transport *transport);
/* Gives the certificates for TLS with the host, "host[:port]" as references and addresses write it.
 * `named`: the user named the host, and not a registry. */
int transport_trust(struct transport *transport, const char *name, bool named,
                    const struct trust **out, struct err *err);
/* The host with that name, as references write it. The host lives as long as the transport. */
struct host *transport_host(struct transport *transport, const char *name);
/* ERR_INTERRUPTED: the user has interrupted. ERR_FAILED: the time for the whole run is over. */
int transport_may_go_on(const struct transport *transport, struct err *err);
/* Waits, and ends the wait early with an error of transport_may_go_on(). */
int transport_pause(const struct transport *transport, int64_t ms, struct err *err);

#endif
