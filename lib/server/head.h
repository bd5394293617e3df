/* The header of a response. */
#ifndef WASME_SERVER_HEAD_H
#define WASME_SERVER_HEAD_H

#include "server/state.h"

struct head {
    int status;
    bool http11;                      /* the client speaks HTTP/1.1 */
    bool close;                       /* the connection ends with this response */
    const struct server_reply *reply; /* source of validators and Cache-Control; NULL: none */
    const struct buf *fields;         /* fields of the handler; NULL: none */
    const char *allow;                /* of a 405; NULL: `methods` of the server's options */
    const char *content_type;         /* NULL: there is no body, or an empty one */
    long long length;                 /* of the body; -1: there is none, nor a length */
    long long first;                  /* 206: offset of the body in the resource */
    long long total;                  /* 206 and 416: the size of the resource; otherwise -1 */
    bool ranges;                      /* the client may ask for parts */
    bool preflight;
};

/* The name of a status, such as "Not Found". */
const char *head_reason(int status);
/* The header of a whole file or page, with status 200. */
struct head head_of_reply(const struct server_reply *reply, long long length);
/* The text of the current date, and with it server->date_second. */
const char *head_date(struct server *server);
/* Writes the header to server->out, in place of the contents there. */
void head_write(struct server *server, const struct head *head);

#endif
