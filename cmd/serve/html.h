/* Pieces of HTML and of addresses. All text is escaped: names of files and images are those of
 * strangers. */
#ifndef WASME_CMD_SERVE_HTML_H
#define WASME_CMD_SERVE_HTML_H

#include <time.h>

#include "base/buf.h"

/* Adds text for an element or for an attribute in double quotes. Control characters, characters
 * that turn the direction of writing, and bytes that are no UTF-8 become U+FFFD. */
void html_text(struct buf *out, const char *text);
void html_text_n(struct buf *out, const char *text, size_t len);
/* Adds a path, percent-encoded, fit for an attribute and for an address. */
void html_path(struct buf *out, const char *path);
/* Adds "247.6 kB". */
void html_size(struct buf *out, long long bytes);
/* Adds a time element with the date; nothing for 0. */
void html_time(struct buf *out, time_t when);
/* Adds the text in a code element that the script gives a button to copy. */
void html_copy(struct buf *out, const char *text);

#endif
