/* Pages that list files. */
#ifndef WASME_CMD_SERVE_PAGE_H
#define WASME_CMD_SERVE_PAGE_H

#include "server/reply.h"

void serve_page_begin(struct server_reply *out, const char *title);
/* Adds a row; `path` comes without percent-encoding; `size` below 0 and `when` 0 are left out. */
void serve_page_row(struct server_reply *out, const char *path, const char *text, long long size,
                    time_t when);
/* Adds the last row, which says how many rows (or at least how many) are left out. */
void serve_page_more(struct server_reply *out, size_t count, bool at_least);
/* Replies with a copy of a page that was made before. */
void serve_page_again(struct server_reply *out, const struct buf *page);
void serve_page_end(struct server_reply *out);

/* Redirects (301) to the path with a slash at its end. */
void serve_add_slash(struct server_reply *out, const char *path);

#endif
