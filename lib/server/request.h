/* A request, as the server hands it to its handler (RFC 9110; RFC 9112, sections 2 to 6). */
#ifndef WASME_SERVER_REQUEST_H
#define WASME_SERVER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_HEAD_MAX = 16 * 1024,  /* bytes of the header block; more is 431 */
    REQUEST_TARGET_MAX = 8 * 1024, /* bytes of the request target; more is 414 */
};

/* The texts are lent to the handler: until the response is made, also when a body comes before. */
struct server_request {
    const char *method; /* "-" when it could not be read */
    const char *target; /* as sent; likewise; no blanks and no control characters */
    /*
     * The path of the target, percent-decoded: it starts with '/', has no NUL, no "." or ".."
     * segment, no empty one but the last (the path then ends in '/'; several slashes have become
     * one), at most 4096 bytes, and may hold any other byte. NULL: the request is not to be served,
     * and the reply says why already (400, 414, 417), unless the method is not allowed (405).
     */
    const char *path;
    const char *query; /* of the target, as sent, without its '?'; NULL: there is none */
    const char *agent; /* User-Agent, or "" */

    /* The values of fields; NULL: absent. Of a field that came twice, the first. */
    const char *host;
    const char *if_match;
    const char *if_none_match;
    /* Likewise, but of a field that came twice, "". */
    const char *authorization; /* a secret: not to be logged */
    const char *content_type;
    const char *content_range;
    const char *if_modified_since;
    const char *if_unmodified_since;
    const char *range;
    const char *if_range;

    bool http11; /* HTTP/1.1 or a later minor version, otherwise HTTP/1.0 */
    bool close;  /* the client asked for it */
    bool keep_alive;
    bool transfer_encoding;   /* there is one, whatever it says */
    bool chunked;             /* ... which says "chunked", the only one that can be read */
    bool expect_continue;     /* the client waits before it sends the body */
    bool expect_other;        /* an expectation that nobody knows */
    long long content_length; /* -1: absent */
    size_t size;              /* bytes of the header block with its last line */
    int status;               /* of what could not be read: the status to answer; 0 otherwise */
};

/* No request: "-" or "" for the texts that are never NULL. */
void request_init(struct server_request *request);
/* Copies the request; its texts become copies too, all in one piece of memory that the caller
 * frees. */
char *request_copy(const struct server_request *request, struct server_request *out);

#endif
