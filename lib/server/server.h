/*
 * The HTTP/1.1 server (RFC 9110, RFC 9112): a handler answers each request.
 *
 * One thread, one epoll set. A request's header block has at most 16 kB (431), its target 8 kB
 * (414). A body goes to the handler's sink, up to the sink's limit; the body of a request whose
 * handler wants none is read and dropped up to 64 kB, beyond that the connection ends.
 */
#ifndef WASME_SERVER_SERVER_H
#define WASME_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "server/reply.h"
#include "server/request.h"

struct server_log {
    const char *peer;   /* "10.0.0.7:51234" */
    const char *method; /* "-", as the target, when the request could not be read */
    const char *target; /* as sent, at most 8 kB; may hold any byte above 0x20 except 0x7f */
    const char *agent;  /* User-Agent, or ""; may hold any byte above 0x1f except 0x7f, and tabs */
    int status;         /* what was answered, also when the answer could not be sent whole; 400
                           when the connection ended before the request's body did */
    long long bytes;    /* of the body that were sent */
    int64_t ms;         /* from the request's first byte to the response's last */
};

struct server_options {
    const char *bind;    /* address or name to listen on; NULL: all, IPv6 and IPv4 */
    int port;            /* 0: any free one */
    bool cors;           /* Access-Control-Allow-Origin: * and preflight answers */
    const char *methods; /* that the handler knows, for Allow of a 405: "GET, HEAD" */
    /*
     * Fills the reply to a request. Called in the server's thread, once for each request whose
     * header block is well-formed; all other connections wait meanwhile. An error becomes 500 and
     * is told by `failed`.
     */
    int (*handle)(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err);
    /* One request that ended, also when its response was cut short; NULL: not told. */
    void (*log)(void *arg, const struct server_log *entry);
    /* What went wrong on our side; NULL: not told. */
    void (*failed)(void *arg, const char *what);
    void *arg;
    int header_timeout_ms; /* from the first byte to the end of a request's header */
    int idle_timeout_ms;   /* a kept-alive connection without a request */
    int send_timeout_ms;   /* a response that makes less than `send_min_rate` for so long */
    int send_min_rate;     /* bytes per second */
    int body_timeout_ms;   /* a body that brings less than `body_min_rate` for so long */
    int body_min_rate;     /* bytes per second */
    int max_connections;   /* beyond it the longest idle one ends, or a new one waits */
    int drain_ms;          /* after a stop: how long running downloads may go on; 0: for ever */
};

struct server;

/* Default limits; every pointer NULL. */
void server_options_init(struct server_options *options);
/*
 * Listens; what `options` points at is lent until the server is closed. An address in use is an
 * error that names it. Raises the process's soft limit of open files as far as max_connections
 * needs it; where the hard limit is too low, there are fewer connections.
 */
int server_open(const struct server_options *options, struct server **out, struct err *err);
/* The port that it listens on. */
int server_port(const struct server *server);
/*
 * Serves until `stop_fd` becomes readable (an eventfd, signalfd or pipe; the server does not read
 * from it; below 0: for ever), then closes the listener and idle connections at once, lets running
 * responses finish, and returns 0. A second event cannot be told on it: the caller ends the process
 * itself. Once for each server. SIGPIPE is blocked in this thread meanwhile.
 */
int server_run(struct server *server, int stop_fd, struct err *err);
void server_close(struct server *server);
void server_close_at(struct server **server); /* for AUTO() */

#endif
