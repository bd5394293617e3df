#include "server/range.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 18 };

/* Returns the number at *at and moves on; -1: there is no number. */
static long long take_number(const char **at)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX)
        return -1;
    long long number = strtoll(*at, NULL, 10);
    *at += digits;
    return number;
}

static enum range_kind last_bytes(long long count, long long size, long long *first,
                                  long long *last)
{
    if (count == 0)
        return RANGE_OUTSIDE;
    *first = count < size ? size - count : 0;
    *last = size - 1;
    return RANGE_ONE;
}

enum range_kind range_parse(const char *text, long long size, long long *first, long long *last)
{
    if (size <= 0 || strncasecmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    text += 6;
    bool suffix = *text == '-';
    long long from = suffix ? 0 : take_number(&text);
    if (from < 0 || *text++ != '-')
        return RANGE_NONE;
    bool open_end = !suffix && *text == '\0';
    long long to = open_end ? size - 1 : take_number(&text);
    if (to < 0 || *text)
        return RANGE_NONE;
    if (suffix)
        return last_bytes(to, size, first, last);
    if (!open_end && from > to)
        return RANGE_NONE;
    if (from >= size)
        return RANGE_OUTSIDE;
    *first = from;
    *last = to < size ? to : size - 1;
    return RANGE_ONE;
}
