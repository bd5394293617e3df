/*
 * HTTP exchanges by libcurl, which only the curl*.c know: several at a time over connections that
 * are kept. No redirects, no authentication, no retries here: see transport.h. libcurl is loaded
 * when the first exchange begins.
 */
#ifndef WASME_HTTP_HTTP_H
#define WASME_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/reach.h"
#include "http/trust.h"

enum http_outcome {
    HTTP_IDLE, /* not begun, or stopped */
    HTTP_RUNNING,
    HTTP_DONE,            /* a whole response came, whatever it says */
    HTTP_CUT,             /* a callback wanted no more */
    HTTP_BROKEN,          /* the connection broke on the way */
    HTTP_NO_CONNECTION,   /* none could be made, or the host's name is not known */
    HTTP_BAD_CERTIFICATE, /* the peer's cannot be verified */
    HTTP_NOT_TLS,         /* the peer of https speaks plain http, it seems */
    HTTP_NOT_HTTP,        /* the peer's answer is not HTTP */
    HTTP_FORBIDDEN,       /* `may_reach` wants no connection to `peer` */
    HTTP_PROXY_REFUSED,   /* a proxy opens no way to the host: see `proxy_status` */
    HTTP_FAILED,          /* anything else: see `reason` */
};

struct http_settings {
    bool insecure;
    const char *user_agent;
    long connect_seconds;
    const char *http_proxy; /* for plain http, over the environment's; or NULL */
};

/* One exchange. The caller fills the upper part; it is lent until the outcome is there. */
struct http_transfer {
    const char *method;         /* GET, HEAD, DELETE, POST (a body or none), PUT (a body) */
    const char *url;            /* http or https */
    const char *const *headers; /* NULL-terminated, "Name: value" */
    const struct trust *trust;  /* over TLS */
    long long send_size;        /* PUT, POST: bytes of the body */
    bool large;                 /* worth a large buffer */
    bool direct;                /* never by a proxy */
    /* The next bytes to send: how many, 0 at the end, -1 to cut the exchange, HTTP_WAIT when there
     * are none now: see http_go_on(). */
    long (*read)(void *arg, char *to, size_t room);
    bool (*rewind)(void *arg); /* to the first byte to send */
    /* A line of the response's head, status lines among them, with its line end or without;
     * false cuts. */
    bool (*head)(void *arg, const char *line, size_t len);
    bool (*write)(void *arg, const char *data, size_t len);
    /* Asked before a connection to such an address is made, and before the request goes over one
     * that is there. Not asked of a proxy, which finds the peer by itself. */
    bool (*may_reach)(void *arg, enum host_kind kind);
    void *arg;
    struct http_details *details; /* filled at the end of the exchange; NULL: nobody asks */

    enum http_outcome outcome;
    bool by_proxy;          /* it went by one */
    enum host_kind reached; /* where the peer is, when it did not */
    char peer[48];          /* that address, or the one that may not be reached */
    bool refused;           /* the peer, or its machine, refused the connection at once */
    bool waits;             /* for bytes to send */
    int64_t moved_at;       /* clock_ms() when a byte last moved */
    long long moved;        /* bytes, both ways */
    long unsent;            /* bytes that the kernel has yet to send, when last looked at */
    long proxy_status;      /* a proxy's answer to CONNECT; 0: none */
    char reason[256];       /* libcurl's words without logins, when the outcome is not HTTP_DONE */
    void *part;             /* libcurl's own, while it runs */
};

#define HTTP_WAIT (-2)

struct http;

void http_open(const struct http_settings *settings, struct http **out);
void http_close(struct http *http); /* with no exchange running */
/* Begins the exchange; nothing moves before http_step(). ERR_NOT_FOUND: no libcurl here. */
int http_start(struct http *http, struct http_transfer *transfer, struct err *err);
/* Ends it, when it is running. */
void http_stop(struct http *http, struct http_transfer *transfer);
/* There are bytes to send again. */
void http_go_on(struct http_transfer *transfer);
/* Whether bytes that were handed to the kernel are on their way: sets moved_at, as if they had just
 * moved. */
void http_look(struct http_transfer *transfer);
/* Lets bytes move, waiting `wait_ms` at the most for some, and sets the outcome of what ended. */
int http_step(struct http *http, int wait_ms, struct err *err);

#endif
