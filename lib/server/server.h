/*
 * The HTTP/1.1 server: GET and HEAD of files that a resolver names (RFC 9110, RFC 9112).
 *
 * One thread, one epoll set. A request's header block has at most 16 kB (431), its target 8 kB
 * (414); a body is read and dropped up to 64 kB, beyond that the connection ends.
 */
#ifndef WASME_SERVER_SERVER_H
#define WASME_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

#define SERVER_PAGES_MAX (64 * 1024 * 1024)

/*
 * What a path leads to. It comes to the resolver empty, with `fd` -1, and the resolver fills it.
 * `location` and `page` are released by the server in any case; `fd` belongs to it only when the
 * resolver returned 0 and the kind is RESOURCE_FILE.
 */
struct server_resource {
    enum {
        RESOURCE_NONE,     /* 404 */
        RESOURCE_FILE,     /* `fd`, from offset 0, `size` bytes */
        RESOURCE_PAGE,     /* `page`; one that overflowed becomes 500, and a large one 503 while
                              readers that are slow hold SERVER_PAGES_MAX bytes of pages */
        RESOURCE_REDIRECT, /* 301 to `location` (a path, already percent-encoded) */
        RESOURCE_BUSY,     /* 503: to make it now would keep all other clients waiting */
    } kind;
    int fd;                   /* read with pread and sendfile: its position does not matter */
    long long size;           /* bytes */
    time_t modified;          /* for Last-Modified; 0: not sent */
    char etag[128];           /* a strong tag without quotes; "": not sent */
    const char *content_type; /* static text */
    const char *cache;        /* static text: value of Cache-Control, or NULL */
    char *location;           /* owned */
    struct buf page;          /* owned; a generated page */
};

struct server_log {
    const char *peer;   /* "10.0.0.7:51234" */
    const char *method; /* "-", as the target, when the request could not be read */
    const char *target; /* as sent, at most 8 kB; may hold any byte above 0x20 except 0x7f */
    const char *agent;  /* User-Agent, or ""; may hold any byte above 0x1f except 0x7f, and tabs */
    int status;         /* what was answered, also when the answer could not be sent whole */
    long long bytes;    /* of the body that were sent */
    int64_t ms;         /* from the request's first byte to the response's last */
};

struct server_options {
    const char *bind; /* address or name to listen on; NULL: all, IPv6 and IPv4 */
    int port;         /* 0: any free one */
    bool cors;        /* Access-Control-Allow-Origin: * and preflight answers */
    /* Resolves a path that is percent-decoded, starts with '/', has no NUL, no "." or ".." segment,
     * no empty one but the last (the path then ends in '/'; several slashes have become one), and
     * at most 4096 bytes; it may hold any other byte. Called once for each request that is
     * well-formed. Returns 0, also for a resource that does not exist; an error becomes 500 and is
     * told by `failed`. */
    int (*resolve)(void *arg, const char *path, struct server_resource *out, struct err *err);
    /* One request that ended, also when its response was cut short; NULL: not told. */
    void (*log)(void *arg, const struct server_log *entry);
    /* What went wrong on our side; NULL: not told. */
    void (*failed)(void *arg, const char *what);
    void *arg;
    int header_timeout_ms; /* from the first byte to the end of a request's header */
    int idle_timeout_ms;   /* a kept-alive connection without a request */
    int send_timeout_ms;   /* a response that makes less than `send_min_rate` for so long */
    int send_min_rate;     /* bytes per second */
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
