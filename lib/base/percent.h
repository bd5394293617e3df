/* Percent-encoding (RFC 3986, section 2.1), and the hex digits that others use too. */
#ifndef WASME_BASE_PERCENT_H
#define WASME_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The value of a hex digit, in upper or lower case; -1 for any other character. */
int percent_digit(char c);
/*
 * Adds `text`, encoded: letters, digits, "-._~" and the characters of `plain` stay as they are,
 * every other byte becomes a '%' and two digits.
 */
void percent_add(struct buf *out, const char *text, size_t len, const char *plain);

/*
 * The value of a parameter in a query "a=1&b=two+words" (RFC 3986, section 3.4), decoded as forms
 * are (WHATWG URL, section 5.1), which the caller frees. `number` counts the parameters of the same
 * name. NULL: there is none. With `strict` also NULL when the value has a NUL or a broken
 * percent-encoding, while a name without '=' has the value ""; otherwise such a name is none, a NUL
 * becomes a space, and the characters of a broken encoding stay.
 */
char *percent_param(const char *query, const char *name, size_t number, bool strict);

#endif
