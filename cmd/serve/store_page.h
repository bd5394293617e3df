/* The page that lists the images of a store, and the same as JSON. */
#ifndef WASME_CMD_SERVE_STORE_PAGE_H
#define WASME_CMD_SERVE_STORE_PAGE_H

#include "cmd/serve/catalogue.h"
#include "cmd/serve/query.h"
#include "server/reply.h"

/* Makes the page of all images, which then is a part of the catalogue. */
void store_page_prepare(struct catalogue *catalogue);
/* Replies with the page of all images. */
void store_page_all(const struct catalogue *catalogue, struct server_reply *out);
/* Replies with the page of the images that a search finds. */
void store_page_found(const struct catalogue *catalogue, const struct page_search *search,
                      struct server_reply *out);
/* Replies with an array of what `wasme list --json` says of the images, without their folders, and
 * of their addresses. */
void store_page_json(const struct catalogue *catalogue, const struct page_search *search,
                     const struct self *self, struct server_reply *out);

/* Adds the members of one image to an object of JSON. */
void store_page_members(const struct catalogue_item *item, const struct self *self,
                        struct buf *out);

#endif
