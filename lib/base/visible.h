/* Text from elsewhere on its way to a terminal or a log. */
#ifndef WASME_BASE_VISIBLE_H
#define WASME_BASE_VISIBLE_H

#include <stdio.h>

#include "base/buf.h"

/* The bytes of the character at `text`, of which `left` (at least 1) may be read, when it may be
 * shown; 0 for a control character (C0, DEL, C1, and those that turn the direction of writing) and
 * for a byte that is no UTF-8. */
size_t visible_len(const unsigned char *text, size_t left);
/* Adds the text with each character or byte that may not be shown as '?'. A line end and a tab stay
 * when `lines` says so. */
void visible_add(struct buf *out, const char *text, bool lines);
/* Adds the text up to `max` bytes, without the characters and bytes that may not be shown; a line
 * end or a tab becomes a space. */
void visible_add_clean(struct buf *out, const char *text, size_t len, size_t max);
/* Like visible_add() without `lines`, to a stream. */
void visible_print(const char *text, FILE *out);
/* Appends the word as a shell takes it: in single quotes where it needs them, or as $'...' with
 * octal numbers for what must not reach a terminal. */
void visible_quote(struct buf *out, const char *word);
/* Has the text visible ASCII characters alone, and at least one, so that a header field can carry
 * it as a token? */
bool visible_is_all(const char *text);

#endif
