/* Parses the header block of a request in place (RFC 9112, sections 2 to 6). */
#ifndef WASME_SERVER_PARSE_H
#define WASME_SERVER_PARSE_H

#include "server/request.h"

enum parse_result {
    PARSE_MORE, /* the block is not complete; the bytes are as they were */
    PARSE_DONE,
    PARSE_BAD, /* answer out->status and close: the start of the next request is not known */
};

/*
 * Parses the block at the start of `data`. The texts of `out` point into the block; `path` and
 * `query` stay NULL. PARSE_DONE and PARSE_BAD overwrite delimiters in the block with NULs; bytes
 * after the block do not change. One empty line before the request is skipped.
 */
enum parse_result request_parse(char *data, size_t len, struct server_request *out);

#endif
