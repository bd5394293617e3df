/* The request's header block (RFC 9112, sections 2 to 6), parsed in place. */
#ifndef WASME_SERVER_PARSE_H
#define WASME_SERVER_PARSE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_HEAD_MAX = 16 * 1024,  /* bytes of the header block; more is 431 */
    REQUEST_TARGET_MAX = 8 * 1024, /* bytes of the request target; more is 414 */
};

/* The texts point into the parsed bytes and live as long as they do. */
struct request {
    const char *method;   /* "-" when it could not be read */
    const char *target;   /* likewise; no blanks and no control characters */
    const char *agent;    /* User-Agent, or "" */
    const char *if_match; /* the values of fields; NULL: absent */
    const char *if_none_match;
    const char *if_modified_since; /* "" when the field came twice, as for the three below */
    const char *if_unmodified_since;
    const char *range;
    const char *if_range;
    bool http11; /* HTTP/1.1 or a later minor version, otherwise HTTP/1.0 */
    bool close;  /* the client asked for it */
    bool keep_alive;
    bool has_host;
    bool transfer_encoding;   /* there is one, whatever it says */
    bool expect_continue;     /* the client waits before it sends the body */
    bool expect_other;        /* an expectation that nobody knows */
    long long content_length; /* -1: absent */
    size_t size;              /* bytes of the header block with its last line */
    int status;               /* with PARSE_BAD: the status to answer; 0 otherwise */
};

enum parse_result {
    PARSE_MORE, /* the block is not complete; the bytes are as they were */
    PARSE_DONE,
    PARSE_BAD, /* answer request.status and close: where the next request begins is not known */
};

/* No request: "-" for the texts that are never NULL. */
void request_init(struct request *request);
/*
 * Parses the block at the start of `data`. PARSE_DONE and PARSE_BAD overwrite delimiters in it
 * with NULs; bytes behind the block stay. One empty line before the request is skipped.
 */
enum parse_result request_parse(char *data, size_t len, struct request *out);

#endif
