#include "server/range.h"

#include <ctype.h>
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

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* The part of the file that the numbers mean; `to` below 0: up to the end. */
static enum range_kind clip(long long from, long long to, long long size, long long *first,
                            long long *last)
{
    if (from >= size)
        return RANGE_OUTSIDE;
    *first = from;
    *last = to < 0 || to >= size ? size - 1 : to;
    return RANGE_ONE;
}

/* Reads one range at *at and moves on. Returns false for a malformed range. */
static bool take_range(const char **at, long long size, enum range_kind *kind, long long *first,
                       long long *last)
{
    *at = skip_blanks(*at);
    bool suffix = **at == '-';
    long long from = suffix ? 0 : take_number(at);
    if (from < 0 || *(*at)++ != '-')
        return false;
    bool open_end = !isdigit((unsigned char)**at);
    long long to = open_end ? -1 : take_number(at);
    if (open_end ? suffix : to < from)
        return false;
    if (!suffix)
        *kind = clip(from, to, size, first, last);
    else if (to == 0)
        *kind = RANGE_OUTSIDE;
    else
        *kind = clip(to < size ? size - to : 0, -1, size, first, last);
    *at = skip_blanks(*at);
    return true;
}

bool range_of_content(const char *text, long long *first, long long *last)
{
    if (strncmp(text, "bytes ", 6) == 0)
        text += 6;
    *first = take_number(&text);
    if (*first < 0 || *text++ != '-')
        return false;
    *last = take_number(&text);
    return *last >= *first && (!*text || *text == '/');
}

enum range_kind range_parse(const char *text, long long size, long long *first, long long *last)
{
    enum range_kind kind, other;
    long long ignored;
    if (size <= 0 || strncasecmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    text += 6;
    if (!take_range(&text, size, &kind, first, last))
        return RANGE_OUTSIDE;
    if (!*text)
        return kind;
    while (*text == ',') {
        text++;
        if (!take_range(&text, size, &other, &ignored, &ignored))
            return RANGE_OUTSIDE;
    }
    return *text ? RANGE_OUTSIDE : RANGE_NONE;
}
