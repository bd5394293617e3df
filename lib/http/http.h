/*
 * HTTP exchanges by libcurl: several at a time, over connections that are kept. The functions are
 * in curl.c. Redirects, authentication and further tries are the caller's work. libcurl is loaded
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
    HTTP_DONE,            /* a whole response came, of whatever status */
    HTTP_CUT,             /* a callback ended the exchange */
    HTTP_BROKEN,          /* the connection broke during the exchange */
    HTTP_NO_CONNECTION,   /* no connection could be made, or the host's name is not known */
    HTTP_BAD_CERTIFICATE, /* the peer's certificate cannot be verified */
    HTTP_NOT_TLS,         /* the peer of an https address seems to speak plain http */
    HTTP_NOT_HTTP,        /* the peer's answer is not HTTP */
    HTTP_FORBIDDEN,       /* `may_reach` refused a connection to `peer` */
    HTTP_PROXY_REFUSED,   /* a proxy opens no connection to the host: see `proxy_status` */
    HTTP_FAILED,          /* any other failure: see `reason` */
};

struct http_settings {
    bool insecure;
    const char *user_agent;
    long connect_seconds;
    const char *http_proxy; /* for plain http, in place of the environment's proxy; or NULL */
};

/* An exchange. The caller fills the upper part, which is lent until the exchange has ended. */
struct http_transfer {
    const char *method;         /* GET, HEAD, DELETE, POST (a body or none), PUT (a body) */
    const char *url;            /* http or https */
    const char *const *headers; /* NULL-terminated, "Name: value" */
    const struct trust *trust;  /* for TLS */
    long long send_size;        /* PUT, POST: bytes of the body */
    bool large;                 /* the body is worth a large buffer */
    bool direct;                /* no proxy is used */
    /* With TLS: HTTP/1.1, over a connection that no exchange without this flag uses. Many servers
     * let an HTTP/2 upload send 64 kB in each round trip; one over HTTP/1.1 is as fast as TCP. */
    bool alone;
    /* Gives the next bytes to send, and returns their number: 0 at the end, -1 to cut the exchange,
     * HTTP_WAIT when there are none now: see http_go_on(). */
    long (*read)(void *arg, char *to, size_t room);
    bool (*rewind)(void *arg); /* goes back to the first byte to send; false: that cannot be done */
    /* Takes a line of the response's head, a status line or a field, with or without its line end.
     * False cuts the exchange. */
    bool (*head)(void *arg, const char *line, size_t len);
    /* Takes bytes of the response's body. False cuts the exchange. */
    bool (*write)(void *arg, const char *data, size_t len);
    /* Is asked before a connection to an address of that kind is made, and before the request is
     * sent over a kept connection. Is not asked about a proxy, which finds the peer by itself. */
    bool (*may_reach)(void *arg, enum host_kind kind);
    void *arg;
    struct http_details *details; /* filled at the end of the exchange; or NULL */

    enum http_outcome outcome;
    bool by_proxy;          /* the request went to a proxy */
    enum host_kind reached; /* without a proxy: the kind of the peer's address */
    char peer[48];          /* that address, or the address that `may_reach` refused */
    bool refused;           /* the peer, or its machine, refused the connection at once */
    bool waits;             /* `read` returned HTTP_WAIT */
    int64_t moved_at;       /* clock_ms() when a byte last moved */
    long long moved;        /* bytes in both directions */
    long unsent;            /* bytes that the kernel had not sent at the last http_look() */
    long proxy_status;      /* a proxy's answer to CONNECT; 0: none */
    bool multiplexed;       /* the answer came by HTTP/2, where exchanges share a connection */
    char reason[256];       /* libcurl's words without logins, when the outcome is not HTTP_DONE */
    void *part;             /* libcurl's part of the exchange, while the exchange runs */
};

#define HTTP_WAIT (-2)

struct http;

void http_open(const struct http_settings *settings, struct http **out);
void http_close(struct http *http); /* no exchange may be running */
/* Begins the exchange; no byte moves before http_step(). ERR_NOT_FOUND: libcurl is not
 * installed. */
int http_start(struct http *http, struct http_transfer *transfer, struct err *err);
/* Ends the exchange, when it is running. */
void http_stop(struct http *http, struct http_transfer *transfer);
/* Tells an exchange that waits that there are bytes to send again. */
void http_go_on(struct http_transfer *transfer);
/* Asks the kernel whether it has sent bytes since the last look; when it has, these bytes count as
 * moved now. */
void http_look(struct http_transfer *transfer);
/* Waits for bytes up to `wait_ms`, lets them move, and sets the outcome of each exchange that has
 * ended. */
int http_step(struct http *http, int wait_ms, struct err *err);

#endif
