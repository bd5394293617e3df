/*
 * Requests to registries, several side by side: each follows redirects, answers challenges, is
 * made again when it failed transiently, and ends with a response of success or an error that
 * says METHOD what: why.
 */
#ifndef WASME_REGISTRY_TRANSPORT_H
#define WASME_REGISTRY_TRANSPORT_H

#include "registry/body.h"
#include "registry/host.h"
#include "registry/http.h"
#include "registry/registry.h"
#include "registry/response.h"

#define REDIRECTS_MAX 5
#define RATE_MIN 1024 /* bytes a second: a slower body has stalled */
#define TRIES_MAX 100 /* of a call in all, whatever came meanwhile */
#define CALL_HEADERS_MAX 4

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_OVER };

struct call {
    /* The request; what is a pointer is lent. */
    const char *method;
    const char *what;          /* for people: "manifest v1", "blob sha256:…" */
    struct host *host;         /* the registry; NULL: none, `url` says all */
    const struct host *sender; /* the registry that named `url`, where `host` is NULL; or NULL */
    const char *path;          /* on the host: "/v2/…"; NULL: `url` */
    char *url;                 /* absolute; owned, and changed by redirects */
    bool named;                /* `url` was, by `senders`: see route.h */
    struct sender senders;
    const char *scope; /* the access it needs: "repository:a/b:pull"; NULL: no authentication */
    const char *headers[CALL_HEADERS_MAX];
    struct body_source *source; /* of PUT, and of POST when that has a body */
    struct body_sink *sink;     /* of a response of success; NULL: that has no body of interest */
    bool follow;                /* redirects */
    const char *secret;         /* that `source` holds: no redirect to another origin; or NULL */
    bool apart;                 /* its failure does not end the others: see `rc` */
    bool once;                  /* a transient failure is the caller's: see `rc` */
    bool tolerant; /* a status that is no success is the caller's: see response.status */
    struct http_details *details; /* filled with those of the last exchange; or NULL */

    /* Called once when it is over, while others may still run; it makes no calls. Or NULL. */
    void (*over)(void *arg, struct call *call);
    void *over_arg;

    /* The result. */
    int rc; /* 0, or why it failed, with `err` */
    struct err err;
    struct response response;

    /* Its way there. */
    enum call_state state;
    int64_t due_at; /* clock_ms() */
    int retries;    /* since it last got further */
    int tries;      /* in all */
    int redirects;
    int refusals;      /* 401s so far */
    unsigned login;    /* which login of the host it was sent with; 0: none */
    bool own_origin;   /* it was sent to the registry itself, not where a redirect led */
    bool at_home;      /* the same, where the registry is `host` or `sender` */
    bool was_http;     /* the scheme it was sent by */
    char *authority;   /* owned: its Authorization line, or NULL */
    char *elsewhere;   /* owned; the origin that it is sent to, when that is not the registry's */
    long long best_at; /* bytes of the sink that it has had at most */
    char range[48];    /* the Range line that it was sent with, or "" */
    bool no_range;     /* Range has been of no use */
    bool body_begun;   /* the first byte of the response's body has come */
    int64_t window_at; /* clock_ms(): the rate is measured from here */
    long long window_moved; /* transfer.moved then */
    bool window_counts;     /* a body has been on its way since */
    struct http_transfer transfer;
    const char *sent_headers[CALL_HEADERS_MAX + 3];
};

void call_release(struct call *call);

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
/*
 * Makes the calls, and returns when all are over; at the first error that no call declares its
 * caller's (`apart`, `once`), the others are dropped and that error is returned. May be called by
 * an authority.
 */
int transport_run(struct transport *transport, struct call *calls, size_t count, struct err *err);
/* Waits; ERR_INTERRUPTED when the user wants no more. */
int transport_pause(const struct transport *transport, int64_t ms, struct err *err);
/* Milliseconds until the try after the `attempt`th (from 0), and tells the user; -1: no more. */
int64_t transport_retry_pause(const struct transport *transport, const struct call *call,
                              int attempt, const struct err *why);

#endif
