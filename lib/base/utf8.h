/* UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF). */
#ifndef WASME_BASE_UTF8_H
#define WASME_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character at `text`, of which `left` (at least 1) may be read; 0 when there is
 * no valid character. */
size_t utf8_len(const unsigned char *text, size_t left);
bool utf8_valid(const unsigned char *text, size_t len);

#endif
