/* Response headers. */
#ifndef WASME_SERVER_HEAD_H
#define WASME_SERVER_HEAD_H

#include "server/state.h"

struct head {
    int status;
    bool http11;                      /* the client speaks HTTP/1.1 */
    bool close;                       /* the connection ends with this response */
    const struct server_reply *reply; /* validators and caching of its body; NULL: none */
    const struct buf *fields;         /* of the handler's own; NULL: none */
    const char *allow;                /* of a 405; NULL: `methods` of the server's options */
    const char *content_type;         /* NULL: there is no body, or an empty one */
    long long length;                 /* of the body; -1: there is none, nor a length */
    long long first;                  /* 206: where the body stands in the resource */
    long long total;                  /* 206 and 416: the size of the resource; otherwise -1 */
    bool ranges;                      /* parts may be asked for */
    bool preflight;
};

/* "Not Found" */
const char *head_reason(int status);
/* Replaces what server->out holds. */
void head_write(struct server *server, const struct head *head);

#endif
