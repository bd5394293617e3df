/* The Range field (RFC 9110, section 14). */
#ifndef WASME_SERVER_RANGE_H
#define WASME_SERVER_RANGE_H

#include <stdbool.h>

enum range_kind {
    RANGE_NONE,    /* ignore the field: several ranges, another unit, an empty file */
    RANGE_ONE,     /* the bytes from *first to *last, both included */
    RANGE_OUTSIDE, /* none of these bytes exist, or the range is malformed: 416, as nginx answers */
};

enum range_kind range_parse(const char *text, long long size, long long *first, long long *last);

/*
 * Reads the Content-Range of a piece of an upload: "0-9", as the OCI distribution specification has
 * it, or "bytes 0-9/10" (RFC 9110, section 14.4); what is behind the slash is not read. False: the
 * text is malformed.
 */
bool range_of_content(const char *text, long long *first, long long *last);

#endif
