/* The request's header block (RFC 9112, sections 2 to 6), parsed in place. */
#ifndef WASME_SERVER_PARSE_H
#define WASME_SERVER_PARSE_H

#include "server/request.h"

enum parse_result {
    PARSE_MORE, /* the block is not complete; the bytes are as they were */
    PARSE_DONE,
    PARSE_BAD, /* answer out->status and close: where the next request begins is not known */
};

/*
 * Parses the block at the start of `data`; the texts of `out` point into it, and `path` and `query`
 * are NULL still. PARSE_DONE and PARSE_BAD overwrite delimiters in the block with NULs; bytes
 * behind it stay. One empty line before the request is skipped.
 */
enum parse_result request_parse(char *data, size_t len, struct server_request *out);

#endif
