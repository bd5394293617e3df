/*
 * Replies that are sent again without asking the handler: for a second, or until the handler says
 * that something has changed. The replies used least recently go first.
 */
#ifndef WASME_SERVER_KEPT_H
#define WASME_SERVER_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "server/body.h"
#include "server/delivery.h"
#include "server/reply.h"

enum {
    KEPT_ENTRIES = 1024,
    KEPT_BUCKETS = 1024,
    KEPT_FILES = 256, /* open files; fewer where a process may open few */
    KEPT_FILES_FEW = 16,
    KEPT_PAGE_MAX = 4 * 1024 * 1024,
    KEPT_BYTES = 32 * 1024 * 1024, /* in memory, of all replies together */
    KEPT_MS = 1000,
    KEPT_CHECK_MS = 2, /* how long a small file is not looked at again */
};

/* A reply with status 200. */
struct kept {
    struct kept *next;          /* in its bucket */
    struct kept *newer, *older; /* by their last use */
    uint64_t hash;
    char *target; /* owned, as the two texts below */
    char *accept; /* only for requests with this Accept; NULL: for all */
    char *host;   /* likewise */
    char *text;   /* owned: the header of HTTP/1.1 without Connection, and a small body */
    size_t text_len;
    size_t head_len;
    time_t date;             /* that stands in the header */
    struct body *body;       /* shared; NULL: the body is in `text`, or empty */
    long long length;        /* of `body` */
    struct file_facts facts; /* of the file; not known: a page */
    int folder;              /* borrowed; see `keep_path` of the reply */
    char *path;              /* owned; NULL: none */
    int64_t made;            /* ms */
    int64_t checked;         /* ms */
};

struct kept_table {
    struct kept *buckets[KEPT_BUCKETS];
    struct kept *newest, *oldest;
    uint64_t seed; /* nobody outside can know which targets share a bucket */
    size_t count, files, bytes;
    size_t files_max;
    unsigned changes; /* how often all replies were forgotten */
    int64_t sweep_at; /* ms: when old replies are to be forgotten; only with replies */
};

struct server;

/* The reply for a request that was admitted; NULL: the handler is to be asked. Lent until another
 * function of this file is called. */
struct kept *kept_reply_find(struct server *server, const struct server_request *request);
/* Keeps a reply of the handler, whose file or page is taken over. NULL: it cannot be kept, and is
 * as before. */
struct kept *kept_reply_add(struct server *server, const struct server_request *request,
                            struct server_reply *reply);
/* Makes the response; `close` and the texts for the log are set already. */
void kept_reply_deliver(struct server *server, struct kept *kept,
                        const struct server_request *request, struct delivery *delivery);
/* Forgets all replies. */
void kept_reply_clear(struct server *server);
/* Forgets old replies, whose files would stay open for ever. */
void kept_reply_sweep(struct server *server);

#endif
