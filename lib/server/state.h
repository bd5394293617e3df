/* The server and its connections, shared by the files of this room. */
#ifndef WASME_SERVER_STATE_H
#define WASME_SERVER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/http_date.h"
#include "server/crowd.h"
#include "server/delivery.h"
#include "server/intake.h"
#include "server/jobs.h"
#include "server/kept.h"
#include "server/message.h"
#include "server/metrics.h"
#include "server/server.h"
#include "server/timers.h"
#include "server/tls_context.h"
#include "server/wire.h"

enum {
    INPUT_MAX = 32 * 1024, /* bytes read at a time; a header block fits twice */
    BODY_MAX = 64 * 1024,  /* of a body that the handler does not want: read and dropped */
    PEER_MAX = 64,
};

/* The memory of an idle connection is this struct and the socket. */
struct conn {
    struct timer timer; /* the first member, since a timer leads to its connection; always runs */
    struct conn *next;  /* in server->turns, or in server->closed */
    struct wire wire;   /* wire.fd is -1: closed */
    bool readable;      /* there may be bytes to read, of which no new event will tell */
    bool hangup;        /* the peer has ended its side: read up to the end */
    bool eof;           /* the end was reached */
    bool queued;        /* in server->turns */
    bool lingering;
    char *kept; /* owned: bytes read of requests that are not answered yet */
    size_t kept_len;
    long long skip;        /* bytes of a request's body (or while lingering) still to be dropped */
    int64_t began;         /* ms: when the request's first byte came */
    struct intake *intake; /* owned: a request whose body is coming in */
    struct delivery *delivery;   /* owned: a response that the socket would not take at once */
    struct pending *pending;     /* a request whose reply a thread makes; see exchange.h */
    struct crowd_member *member; /* of server->crowd */
    char peer[PEER_MAX];
};

/* A request whose reply a thread makes. The pool of threads owns it. */
struct pending {
    struct server *server;
    struct conn *conn; /* NULL: the connection ended meanwhile */
    struct server_request request;
    char *texts; /* owned: of the request */
    struct server_job job;
    struct server_reply reply;
    struct err err;
    int rc;            /* of the job */
    int asked;         /* how often the request was asked before the job */
    bool lost, bodied; /* this and the next: see struct ending of exchange.c */
    size_t behind;
    unsigned changes; /* of server->kept when the job began */
    int64_t began;    /* ms */
};

struct server {
    struct server_options options;
    int listeners[SERVER_LISTENERS_MAX];
    size_t listener_count; /* 0: closed */
    int epoll;
    int port;
    int count; /* connections */
    int max;
    bool accepting; /* the listeners are watched */
    bool local;     /* all that listens is on the loopback */
    bool stopping;
    int64_t accept_again;       /* ms: after an error, no accept(2) before this time */
    int64_t tell_again;         /* ms: no error of accept(2) is told before this time */
    int64_t drain_end;          /* ms */
    long long refused;          /* peers refused since that was last told */
    int64_t tell_refusal_again; /* ms */
    int64_t tell_tls_again;     /* ms */
    int64_t now;                /* ms of clock_ms(), as of the last event */
    int64_t turn_end;           /* ms: the end of the turn of the connection that works now */
    size_t held;                /* bytes of pages that wait for their readers */
    struct tls_context tls;     /* ssl is NULL: plain HTTP */
    struct timers timers;
    struct metrics metrics;
    struct jobs *jobs;
    struct server_watch jobs_watch;
    struct crowd crowd;
    struct kept_table kept;
    struct conn *turns; /* connections with work left that events will not report */
    struct conn *closed;
    time_t date_second;
    char date[HTTP_DATE_LEN + 1];
    struct message out;
    char in[INPUT_MAX]; /* shared by all: a connection that has to wait keeps a copy of its bytes */
};

void server_failed(const struct server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
