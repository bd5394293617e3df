/*
 * Fetches lists that registries send as JSON, page by page. The Link field of relation "next" names
 * the next page (distribution specification, "Listing Tags"; Harbor's API does the same).
 */
#ifndef WASME_REGISTRY_PAGE_H
#define WASME_REGISTRY_PAGE_H

#include "base/json.h"
#include "registry/client.h"

#define PAGE_BYTES_MAX (4 * 1024 * 1024) /* bytes of one page */
#define PAGES_MAX 1000                   /* pages of one list */
#define PAGE_ITEMS_MAX 100000            /* items of one list, also by its X-Total-Count */

/* Fetches one document; a next page is not looked for. The caller owns the document:
 * json_doc_free_at(). */
int page_get(const struct client_request *request, struct json_t **out, struct err *err);

/*
 * Calls `take` for each page. The function sets `count` to the number of items in the page; an
 * error of the function ends the list. ERR_DAMAGED: the list has no end, since a page comes again
 * or a maximum is passed. ERR_DENIED: the next page would be on another origin.
 */
int page_walk(const struct client_request *request,
              int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err),
              void *arg, struct err *err);

/* One of several lists that are fetched side by side. */
struct page_walk {
    struct client_request request;
    int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err);
    void *arg;
    int rc; /* 0, or why the list is not complete, with `err`, which the caller releases */
    struct err err;
    /* The state on the way, for page.c. */
    char *url;             /* of the next page; NULL: the first page */
    struct sender senders; /* the peers that have named `url` */
    char **seen;           /* the addresses of earlier pages, so that a circle is found */
    size_t pages;
    size_t items;
    bool done; /* the list is complete, or has failed */
};
/* Fetches the lists side by side. A list that fails does not end the others; an error means that
 * all lists were given up. */
int page_walk_all(struct page_walk *walks, size_t count, struct err *err);

#endif
