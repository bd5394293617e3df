/* The handler's answer to a request: the response to send, or the sink for the request's body. */
#ifndef WASME_SERVER_REPLY_H
#define WASME_SERVER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "server/file_facts.h"
#include "server/request.h"

#define SERVER_PAGES_MAX (64 * 1024 * 1024)

enum {
    REPLY_FIELDS_MAX = 8 * 1024 + 64, /* bytes of a handler's own header fields */
    REPLY_AGAIN_MAX = 3,
};

struct server_reply;

/*
 * Receives the body of a request: the content alone, without the sizes of chunks and without
 * trailers. The server breaks off a body that is slower than `body_min_rate` of its options (408),
 * a body with malformed chunks (400), and a body in another transfer coding (501).
 */
struct server_sink {
    long long limit; /* bytes; a larger body is answered 413, as soon as the size is known */
    /* Takes the next bytes, at least one. An error breaks the body off, becomes 500, and is told by
     * `failed`. */
    int (*piece)(void *arg, const void *data, size_t len, struct err *err);
    /*
     * Called exactly once: after the last piece, or at once for an empty body. The handler fills
     * the reply, which comes empty, as in `handle`; a sink in this reply is ignored. `reply` is
     * NULL when the body broke off; the server then answers, unless the client is gone. The call is
     * the last use of `arg`.
     */
    int (*end)(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err);
    void *arg;
};

/*
 * Work that takes long, and so makes the reply in a thread of the server while other requests are
 * answered.
 */
struct server_job {
    /* Called at most once. Fills the reply, which comes empty, as in `handle`; a sink or a job in
     * this reply is ignored. `request` is a copy that lasts as long as the call. */
    int (*run)(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err);
    /* The last use of `arg`, in the thread of the server, also when `run` was not called; may be
     * NULL. */
    void (*free)(void *arg);
    void *arg;
};

/*
 * The handler fills the reply, which comes as a 404 with `fd` -1. The server releases `page`,
 * `fields` and `keep_path` in any case. The server owns `fd` only when the handler returned 0 and
 * the kind is REPLY_FILE, and calls the sink only when the handler returned 0. The other texts are
 * lent to the server until a handler or a sink is called again.
 */
struct server_reply {
    enum {
        REPLY_STATUS, /* `status`, with the name of the status as the body: "404 Not Found" */
        REPLY_EMPTY,  /* `status`, with an empty body */
        REPLY_FILE, /* `fd`, from offset 0, `size` bytes; a file that changes while it is sent ends
                         the connection before the last bytes */
        REPLY_PAGE, /* `page`; a page that overflowed becomes 500, and a large page becomes 503
                         while slow readers hold SERVER_PAGES_MAX bytes of pages */
    } kind;
    int status;               /* 0: 404 for REPLY_STATUS, otherwise 200 */
    int fd;                   /* read with pread and sendfile: its position does not matter */
    long long size;           /* bytes */
    time_t modified;          /* of a file or page, for Last-Modified; 0: not sent */
    char etag[128];           /* likewise: a strong tag without quotes; "": not sent */
    const char *content_type; /* likewise; NULL: application/octet-stream; "": in `fields` */
    const char *cache;        /* likewise: value of Cache-Control; NULL: not sent */
    const char *allow;        /* of a 405; NULL: `methods` of the server's options */
    struct buf page;          /* owned; a body in memory */
    struct buf fields;        /* owned; see server_reply_field() */
    struct file_facts facts;  /* of the file when the handler chose it; unless known, the server
                                 looks itself */
    /*
     * A reply with status 200 that may be sent again, to any GET or HEAD of the same target, for a
     * second or until server_changed(). Requests with conditions, a range or Cache-Control come to
     * the handler all the same.
     */
    bool keep;
    int keep_folder;  /* for a file with `keep_path`: a folder that stays open; or AT_FDCWD */
    char *keep_path;  /* owned; the path from that folder: the reply is sent again only while a file
                        with the same facts is there; NULL: nobody looks */
    bool keep_accept; /* ... only to requests with the same Accept */
    bool keep_host;   /* ... only to requests with the same Host */
    bool unfit;       /* a field could not be added */
    struct server_sink sink; /* with `end` set: the reply is given after the body */
    struct server_job job;   /* with `run` set: the reply is what the job makes */
    bool again; /* of the reply of a job: the request is asked again, and the rest of this reply is
                   ignored; 503 when that was so REPLY_AGAIN_MAX times already */
};

/* Makes the reply a status, with the name of the status as the body. */
void server_reply_status(struct server_reply *reply, int status);
/*
 * Adds a header field of the handler, such as Location, to a reply of any kind. The reply becomes
 * 500 when the value holds control characters, or when all fields exceed REPLY_FIELDS_MAX. An error
 * that the server sends instead of the reply has none of these fields.
 */
void server_reply_field(struct server_reply *reply, const char *name, const char *value);
/*
 * For a handler whose resources can only be read. Returns true when the reply is made already: the
 * method is neither GET nor HEAD (405), the body has a transfer coding (501), or the request has no
 * path.
 */
bool server_reply_unless_read(const struct server_request *request, struct server_reply *reply);

/* Only the server calls these three. */
void reply_init(struct server_reply *reply);
void reply_release(struct server_reply *reply); /* also closes `fd` */
void reply_free_job(struct server_job *job);    /* the job's `free`, once */

#endif
