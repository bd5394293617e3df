/*
 * What the calls of a run share: the HTTP client, the hosts and what is trusted of each, the
 * logins.
 */
#ifndef WASME_REGISTRY_TRANSPORT_H
#define WASME_REGISTRY_TRANSPORT_H

#include "http/http.h"
#include "registry/host.h"
#include "registry/registry.h"

#define TRANSPORT_TURN_MS 250 /* the longest wait without a look at `interrupted` */

struct call;

/* Who knows how to authenticate: filled by auth.c. */
struct authority {
    void *arg;
    /* The Authorization line for the call and the login it is of, before it is sent; the line is
     * handed over, NULL for none. */
    int (*authorize)(void *arg, struct call *call, char **line, struct err *err);
    /* After a 401: 0 when another try makes sense, otherwise the error for the user. */
    int (*refused)(void *arg, struct call *call, struct err *err);
};

/* A host that has certificates of its own. */
struct site {
    char *name; /* owned */
    bool named; /* by the user */
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
};

int transport_open(struct transport *transport, const struct registry_options *options,
                   struct err *err);
void transport_close(struct transport *transport);
/* What holds for TLS with the host, "host[:port]" as references and addresses write it; `named`: by
 * the user, not by a registry. */
int transport_trust(struct transport *transport, const char *name, bool named,
                    const struct trust **out, struct err *err);
/* The host of the name as references write it; it lives as long as the transport. */
struct host *transport_host(struct transport *transport, const char *name);
/* ERR_INTERRUPTED when the user wants no more, ERR_FAILED when the time for all is over. */
int transport_may_go_on(const struct transport *transport, struct err *err);
/* Waits; on the errors of transport_may_go_on() no longer. */
int transport_pause(const struct transport *transport, int64_t ms, struct err *err);

#endif
