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
#include "server/network.h"
#include "server/reply.h"
#include "server/request.h"

enum {
    SERVER_LISTENERS_MAX = 16,
    SERVER_CONNECTIONS = 8192, /* standard of max_connections */
    SERVER_PER_ADDRESS = 2048, /* fleets of clients have one address behind NAT */
};

struct server_log {
    const char *peer;   /* "10.0.0.7:51234" */
    const char *method; /* "-", as the target, when the request could not be read */
    const char *target; /* as sent, at most 8 kB; may hold any byte above 0x20 except 0x7f */
    const char *user;   /* who was admitted; NULL: nobody was asked for a login */
    const char *agent;  /* User-Agent, or ""; may hold any byte above 0x1f except 0x7f, and tabs */
    int status;         /* of the answer, also when the answer was not sent whole; 400 when the
                           connection ended before the request's body */
    long long bytes;    /* sent of the response's body */
    int64_t ms;         /* from the request's first byte to the response's last */
};

struct server_options {
    const char *bind; /* address or name to listen on; NULL: all, IPv6 and IPv4 */
    int port;         /* 0: any free one */
    /* Sockets that listen already, in place of `bind` and `port`; the server owns them once it is
     * open. Each must be a listening socket of TCP. */
    const int *listeners;
    size_t listener_count; /* at most SERVER_LISTENERS_MAX; 0: `bind` and `port` count */
    /* The peers that may connect; the connections of others are closed before a byte is read. None:
     * all may. */
    const struct network *networks;
    size_t network_count;
    /*
     * Decides about a request before anything answers it, also a kept reply; NULL: all are
     * admitted. True: the request goes on, and `user` may be set, a text that is lent until the
     * next call. False: the function filled the reply, which comes as in `handle`.
     */
    bool (*admit)(void *admit_arg, struct server_request *request, struct server_reply *reply);
    void *admit_arg;
    /* TLS: files in PEM form, with the certificate and those that lead to its root, and with its
     * private key (NULL: in the same file). No certificate: plain HTTP. */
    const char *tls_cert;
    const char *tls_key;
    bool cors;           /* Access-Control-Allow-Origin: * and preflight answers */
    const char *methods; /* of the handler, such as "GET, HEAD": the value of Allow in a 405 */
    /*
     * Fills the reply to a request. The server calls it in its own thread, once for each request
     * with a well-formed header block; all other connections wait meanwhile. An error becomes 500,
     * and is told by `failed`.
     */
    int (*handle)(void *arg, const struct server_request *request, struct server_reply *reply,
                  struct err *err);
    /* Called at the end of each request, also when the response was cut short; may be NULL. */
    void (*log)(void *arg, const struct server_log *entry);
    /* Called for each error of the server or the handler; may be NULL. */
    void (*failed)(void *arg, const char *what);
    void *arg;
    int header_timeout_ms; /* from the first byte to the end of a request's header */
    int idle_timeout_ms;   /* a kept-alive connection without a request */
    int send_timeout_ms;   /* a response that makes less than `send_min_rate` for so long */
    int send_min_rate;     /* bytes per second */
    int body_timeout_ms;   /* a body that brings less than `body_min_rate` for so long */
    int body_min_rate;     /* bytes per second */
    int max_connections;   /* beyond, the longest idle connection ends, or a new one waits */
    /* Connections of one address (of IPv6: of one /64); beyond, a new one is closed. 0:
     * SERVER_PER_ADDRESS, and for the loopback, where proxies may be, any number. */
    int max_per_address;
    int drain_ms; /* how long running requests may go on after a stop; 0: for ever */
    int workers;  /* threads for jobs, at the most; started when they are needed */
    int max_jobs; /* jobs that wait for a thread; beyond, the answer is 503 */
};

struct server;

/* A descriptor that the server watches beside its connections. */
struct server_watch {
    int fd;
    void (*ready)(void *arg); /* called in the server's thread while the descriptor is readable */
    void *arg;
};

/* Sets the default limits; pointers are NULL, except `methods`, which is "GET, HEAD". */
void server_options_init(struct server_options *options);
/*
 * Listens. All texts in `options` are lent until the server is closed. The error for an address in
 * use names the address. Raises the process's soft limit of open files as far as max_connections
 * needs; where the hard limit is too low, there are fewer connections.
 */
int server_open(const struct server_options *options, struct server **out, struct err *err);
/* The port on which the server listens; of several sockets, the port of the first one. */
int server_port(const struct server *server);
/* The sockets on which the server listens. */
const int *server_listeners(const struct server *server, size_t *count);
/* Whether the server listens on addresses of the loopback alone. */
bool server_is_local(const struct server *server);
/* Adds the counters in the text format of Prometheus. For the thread of the server: handlers. */
void server_metrics(const struct server *server, struct buf *out);
/*
 * Serves until `stop_fd` becomes readable (an eventfd, signalfd or pipe, from which the server does
 * not read; below 0: for ever). Then closes the listener and idle connections at once, lets running
 * requests finish, and returns 0. The server does not notice a second event: the caller ends the
 * process itself. To be called once for each server. SIGPIPE is blocked in this thread meanwhile.
 */
int server_run(struct server *server, int stop_fd, struct err *err);
/*
 * Reads the files of the certificate again, for new connections; to be called in the server's
 * thread. After an error the old certificate stays.
 */
int server_reload(struct server *server, struct err *err);
/* Watches the descriptor from now on. `watch` must last as long as the server. */
int server_watch(struct server *server, struct server_watch *watch, struct err *err);
/* Ends that; the caller still owns the descriptor, whose number in `watch` becomes -1. */
void server_unwatch(struct server *server, struct server_watch *watch);
/* What the handler replies has changed: forgets the kept replies. For the thread of the server. */
void server_changed(struct server *server);
/*
 * Calls `work` in a thread of the server, and then `done` in the server's own thread; when the
 * server is closed first, only `drop` is called, in the thread that closes. `done` and `drop` may
 * be NULL. Returns false, and
 * calls nothing, when too many jobs wait. To be called in the server's thread, or before
 * server_run().
 */
bool server_background(struct server *server, void (*work)(void *arg), void (*done)(void *arg),
                       void (*drop)(void *arg), void *arg);
/*
 * For another process that goes on with the same sockets: from now on this server accepts no
 * connection, each connection ends with its next response, at the latest after some seconds without
 * a request, and server_run() returns when all have ended. To be called in the server's thread, by
 * `ready` of a watch. The event of `stop_fd` still ends idle connections at once.
 */
void server_retire(struct server *server);
void server_close(struct server *server);
void server_close_at(struct server **server); /* for AUTO() */

#endif
