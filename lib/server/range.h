/* The Range field (RFC 9110, section 14). */
#ifndef WASME_SERVER_RANGE_H
#define WASME_SERVER_RANGE_H

enum range_kind {
    RANGE_NONE,    /* ignore the field: several ranges, another unit, an empty file */
    RANGE_ONE,     /* the bytes from *first to *last, both included */
    RANGE_OUTSIDE, /* none of these bytes exist, or the range is malformed: 416, as nginx answers */
};

enum range_kind range_parse(const char *text, long long size, long long *first, long long *last);

#endif
