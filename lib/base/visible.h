/* Text from elsewhere on its way to a terminal or a log. */
#ifndef WASME_BASE_VISIBLE_H
#define WASME_BASE_VISIBLE_H

#include <stdio.h>

#include "base/buf.h"

/* Adds the text with each control character (C0, DEL, C1, and those that turn the direction of
 * writing) and each byte that is no UTF-8 as '?'. A line end and a tab stay when `lines` says so.
 */
void visible_add(struct buf *out, const char *text, bool lines);
/* The same to a stream. */
void visible_print(const char *text, FILE *out);

#endif
