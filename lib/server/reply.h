/* The handler's answer to a request: what the server is to send, and where a body is to go. */
#ifndef WASME_SERVER_REPLY_H
#define WASME_SERVER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "server/request.h"

#define SERVER_PAGES_MAX (64 * 1024 * 1024)

enum { REPLY_FIELDS_MAX = 8 * 1024 + 64 }; /* bytes of a handler's own header fields */

struct server_reply;

/*
 * Where the body of a request goes. The bytes are those of the body: the chunks they came in are
 * taken apart, trailers are dropped. A body that brings less than `body_min_rate` (of the server's
 * options) is broken off and answered 408, one that is no proper sequence of chunks 400, one in
 * another transfer coding 501.
 */
struct server_sink {
    long long limit; /* bytes; a larger body is answered 413, as early as its size is known */
    /* The next bytes, at least one, as many as have come. An error breaks the body off, is told by
     * `failed` and answered 500. */
    int (*piece)(void *arg, const void *data, size_t len, struct err *err);
    /*
     * Called once, after the last piece, and for a body that is empty without one. The handler
     * fills the reply, which comes empty, as in `handle`; a sink in it is ignored. With `reply`
     * NULL the body broke off: the server has an answer for that, or nobody hears one any more.
     */
    int (*end)(void *arg, const struct server_request *request, struct server_reply *reply,
               struct err *err);
    void *arg;
};

/*
 * A reply comes to the handler empty, with `fd` -1 and as a 404, and the handler fills it. `page`
 * and `fields` are released by the server in any case; `fd` belongs to it only when the handler
 * returned 0 and the kind is REPLY_FILE, and the sink, whose end() it then calls, only when the
 * handler returned 0.
 */
struct server_reply {
    enum {
        REPLY_STATUS, /* `status`, and its name as the body: "404 Not Found" */
        REPLY_EMPTY,  /* `status`, and an empty body */
        REPLY_FILE,   /* `fd`, from offset 0, `size` bytes */
        REPLY_PAGE,   /* `page`; one that overflowed becomes 500, and a large one 503 while readers
                         that are slow hold SERVER_PAGES_MAX bytes of pages */
    } kind;
    int status;               /* 0: 404 for REPLY_STATUS, otherwise 200 */
    int fd;                   /* read with pread and sendfile: its position does not matter */
    long long size;           /* bytes */
    time_t modified;          /* of a file or page, for Last-Modified; 0: not sent */
    char etag[128];           /* likewise: a strong tag without quotes; "": not sent */
    const char *content_type; /* likewise: static text; NULL: application/octet-stream */
    const char *cache;        /* likewise: static text, value of Cache-Control; NULL: not sent */
    const char *allow;        /* static text, of a 405; NULL: `methods` of the server's options */
    struct buf page;          /* owned; a body in memory */
    struct buf fields;        /* owned; see server_reply_field() */
    bool unfit;               /* a field could not be added */
    struct server_sink sink;  /* with an `end`: the reply is to be given after the body */
};

/* Makes it a status with its name. */
void server_reply_status(struct server_reply *reply, int status);
/*
 * Adds a field of the handler's own, such as Location, to a reply of any kind. The reply becomes
 * 500 when the value holds control characters, or all of them are more than REPLY_FIELDS_MAX. An
 * error that the server answers instead of the reply has none of them.
 */
void server_reply_field(struct server_reply *reply, const char *name, const char *value);
/*
 * For a handler whose resources can only be read. True: the request is answered. That is, its
 * method is neither GET nor HEAD (405), its body has a transfer coding (501), or it has no path.
 */
bool server_reply_unless_read(const struct server_request *request, struct server_reply *reply);

/* For the server itself. */
void reply_init(struct server_reply *reply);
void reply_release(struct server_reply *reply); /* closes the file, too */

#endif
