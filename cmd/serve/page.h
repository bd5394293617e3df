/* The frame of every page: head, style, script, and what all pages begin and end with. */
#ifndef WASME_CMD_SERVE_PAGE_H
#define WASME_CMD_SERVE_PAGE_H

#include "server/reply.h"

/* A step on the way to the page. */
struct page_step {
    const char *text;
    const char *path; /* without percent-encoding; NULL: no link */
};

/* Begins the page up to its heading. `steps` ends with a NULL text; the pages of the steps are
 * above this one. */
void page_begin(struct server_reply *out, const char *title, const struct page_step *steps);
void page_end(struct server_reply *out);
/* Adds the form that searches the list of the page; `query` is what was searched, or NULL. */
void page_search(struct buf *out, const char *label, const char *hint, const char *query);

/* Makes the reply a page of that type, without a body as yet. */
void page_set_up(struct server_reply *out, const char *content_type);
/* Gives the page a tag of its bytes, by which a browser asks for it again. */
void page_tag(struct server_reply *out);
/* Replies with a copy of a page of the same kind that was made before. */
void page_again(struct server_reply *out, const struct buf *page, const char *etag);
/* Redirects (301) to the path with a slash at its end. */
void page_add_slash(struct server_reply *out, const char *path);

#endif
