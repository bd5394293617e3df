/*
 * A request to a registry: what its maker asks for, what came of it, and its way there, on which it
 * follows redirects, answers challenges, and is made again when it failed transiently. It ends with
 * a response of success or an error that says METHOD what: why. calls.h makes calls.
 */
#ifndef WASME_REGISTRY_CALL_H
#define WASME_REGISTRY_CALL_H

#include "http/body.h"
#include "http/http.h"
#include "registry/host.h"
#include "registry/response.h"

#define REDIRECTS_MAX 5
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
    void (*done)(void *arg, struct call *call);
    void *done_arg;

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
/* Takes out of an error about the call what was sent with it. */
void call_hide(const struct call *call, struct err *err);

#endif
