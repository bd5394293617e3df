/* A request as the handler receives it (RFC 9110; RFC 9112, sections 2 to 6). */
#ifndef WASME_SERVER_REQUEST_H
#define WASME_SERVER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_HEAD_MAX = 16 * 1024,  /* bytes of the header block; more is 431 */
    REQUEST_TARGET_MAX = 8 * 1024, /* bytes of the request target; more is 414 */
};

/* The texts are lent to the handler until the reply is made, also when the body comes first. */
struct server_request {
    const char *method; /* "-" when the request could not be read */
    const char *target; /* as sent; "-" likewise; no blanks and no control characters */
    /*
     * The percent-decoded path of the target, at most 4096 bytes. The path starts with '/' and has
     * no NUL, no "." or ".." segment, and no empty segment except the last (a final slash; several
     * slashes have become one); every other byte is possible. NULL: the request cannot be served,
     * and the reply says why already (400, 414, 417); the handler may still answer 405.
     */
    const char *path;
    const char *query; /* the part of the target after '?', as sent; NULL: there is none */
    const char *agent; /* User-Agent, or "" */

    /* The values of fields; NULL: absent. When a field came twice, the first value. */
    const char *host;
    const char *accept;
    const char *if_match;
    const char *if_none_match;
    /* The values of fields; NULL: absent. When a field came twice, "". */
    const char *authorization; /* a secret: never to be logged */
    const char *content_type;
    const char *content_range;
    const char *if_modified_since;
    const char *if_unmodified_since;
    const char *range;
    const char *if_range;

    const char *peer; /* "10.0.0.7:51234" */
    const char *user; /* who was admitted by a login; NULL: nobody was asked for one */
    bool local;       /* the server listens on addresses of the loopback alone */

    const char *fields; /* all fields, for request_next_field() */
    size_t fields_size; /* bytes of them */

    bool http11; /* HTTP/1.1 or a later minor version, otherwise HTTP/1.0 */
    bool close;  /* the client asks for the end of the connection */
    bool keep_alive;
    bool fresh;               /* Cache-Control is there: the reply must not be one that was kept */
    bool transfer_encoding;   /* the field is there, with any value */
    bool chunked;             /* ... with the value "chunked", the only coding that can be read */
    bool expect_continue;     /* the client waits before it sends the body */
    bool expect_other;        /* any other expectation */
    long long content_length; /* -1: absent */
    size_t size;              /* bytes of the header block with its last, empty line */
    int status;               /* the answer to a request that could not be read; otherwise 0 */
};

/* Makes an empty request, with "-" or "" as the texts that are never NULL. */
void request_init(struct server_request *request);
/* Whether the method is GET or HEAD. */
bool request_reads(const struct server_request *request);
/* A field of a request, as the client wrote it; lent like the other texts. */
struct request_field {
    const char *name, *value;
};
/* Walks through all fields in their order: `at` is 0 at first. False: there are no more. */
bool request_next_field(const struct server_request *request, size_t *at,
                        struct request_field *out);
/* Copies the request and its texts. Returns the memory of the texts, which the caller frees. */
char *request_copy(const struct server_request *request, struct server_request *out);

#endif
