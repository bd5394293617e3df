/* Percent-encoding (RFC 3986, section 2.1), and the hex digits that others use too. */
#ifndef WASME_BASE_PERCENT_H
#define WASME_BASE_PERCENT_H

#include <stddef.h>

#include "base/buf.h"

/* The value of a hex digit, in upper or lower case; -1 for any other character. */
int percent_digit(char c);
/*
 * Adds `text`, encoded: letters, digits, "-._~" and the characters of `plain` stay as they are,
 * every other byte becomes a '%' and two digits.
 */
void percent_add(struct buf *out, const char *text, size_t len, const char *plain);

#endif
