/*
 * A request to a registry: the part that its caller fills, the result, and the state on the way to
 * it. On that way a call follows redirects, answers challenges, and is tried again after a
 * transient failure. A call ends with a response of success, or with an error whose words are
 * "METHOD what: why". calls.h runs calls.
 */
#ifndef WASME_REGISTRY_CALL_H
#define WASME_REGISTRY_CALL_H

#include "http/body.h"
#include "http/http.h"
#include "registry/host.h"
#include "registry/response.h"

#define REDIRECTS_MAX 5
#define TRIES_MAX 100 /* of one call, for whatever reasons */
#define CALL_HEADERS_MAX 4
/* Bytes: a larger upload has a connection of its own; see `alone` in http.h. */
#define UPLOAD_SHARED_MAX (32 * 1024)

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_OVER };

struct call {
    /* The request, filled by the caller. All pointers are lent, `url` excepted. */
    const char *method;
    const char *what;          /* for people: "manifest v1", "blob sha256:…" */
    struct host *host;         /* the registry; NULL: none, and `url` is the whole address */
    const struct host *sender; /* without a `host`: the registry that named `url`; or NULL */
    const char *path;          /* on the host: "/v2/…"; NULL: `url` is the address */
    char *url;                 /* absolute; owned, and replaced by redirects */
    bool named;                /* a peer named `url`, and `senders` says which one: see route.h */
    struct sender senders;
    const char *scope; /* the needed access: "repository:a/b:pull"; NULL: no authentication */
    const char *headers[CALL_HEADERS_MAX];
    struct body_source *source; /* the body of a PUT or POST; NULL: none */
    struct body_sink *sink;     /* for the body of a success; NULL: nobody wants that body */
    bool follow;                /* redirects are followed */
    const char *secret;         /* in `source`; a redirect to another origin is refused; or NULL */
    struct http_details *details; /* filled with those of the last exchange; or NULL */

    /* Decisions of the caller, not of calls_run(). Without these flags each failure of a call, and
     * each status that is no success, ends the calls that run beside it too. */
    /* Any failure: the other calls go on, and the caller looks at `rc`. */
    bool apart;
    /* A transient failure: after one try the caller gets ERR_TRANSIENT in `rc`, and decides whether
     * another call is made; the other calls go on. */
    bool one_try;
    /* A status that is neither a success nor transient: `rc` is 0, and the caller looks at
     * response.status. */
    bool tolerant;
    /* The request asks for what has changed: 304 (unchanged) is a success too, without a body. */
    bool conditional;
    /* `source` is sent to an upload session, which takes a body once. When the session has ended
     * (404), or has a part of the body, the caller begins a new one; so `one_try` is set too. */
    bool in_session;

    bool one_login; /* a 401 is an answer like another, after which no other login is tried */
    /* The answer does not matter: the call opens a connection for an upload that is to come. Such a
     * call ends no other call, and when all others have ended, it is dropped. */
    bool warms;

    /* Called once, when the call has ended, while others may still run. The function makes no calls
     * itself, but may add some by calls_add(); it may move `err` away when the call is `apart`, and
     * may set `rc`, `err` and the decisions above. NULL: nobody is told. */
    void (*done)(void *arg, struct call *call);
    void *done_arg;

    /* The result. */
    int rc; /* 0, or an error code, with `err` */
    struct err err;
    struct response response;

    /* The state on the way, for attempt.c, calls.c, route.c, range.c and auth.c. */
    enum call_state state;
    int64_t due_at; /* clock_ms(): the next try */
    int retries;    /* since the call last made progress */
    int tries;      /* in all */
    int redirects;
    int refusals;      /* answers of 401 so far */
    unsigned login;    /* the number of the host's login that was sent; 0: none */
    bool own_origin;   /* the request goes to `host` itself, not to where a redirect led */
    bool at_home;      /* the request goes to `host`, or to `sender` */
    bool was_http;     /* plain http was used for the last try */
    char *authority;   /* owned: the Authorization line that is sent, or NULL */
    char *elsewhere;   /* owned: the origin that the request goes to, when that is not the host's */
    long long best_at; /* the most bytes that `sink` has had */
    char range[48];    /* the Range line that is sent, or "" */
    bool no_range;     /* a Range request has failed: the whole body is fetched */
    bool body_begun;   /* the first byte of the response's body has come */
    int64_t window_at; /* clock_ms(): the rate is measured from this time on */
    long long window_moved; /* transfer.moved at that time */
    bool window_counts;     /* a body has been moving since that time */
    struct http_transfer transfer;
    const char *sent_headers[CALL_HEADERS_MAX + 3];
};

void call_release(struct call *call);
/* Overwrites in an error about the call all credentials that the call has sent. */
void call_hide(const struct call *call, struct err *err);

#endif
