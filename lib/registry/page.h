/*
 * Lists that registries give as JSON, page by page: the next one is where the Link field of
 * relation "next" says (distribution specification, "Listing Tags"; Harbor's API likewise).
 */
#ifndef WASME_REGISTRY_PAGE_H
#define WASME_REGISTRY_PAGE_H

#include "base/json.h"
#include "registry/client.h"

#define PAGE_BYTES_MAX (4 * 1024 * 1024) /* of one page */
#define PAGES_MAX 1000                   /* of one list */
#define PAGE_ITEMS_MAX 100000            /* of one list, and of its X-Total-Count */

/* One document, without looking for a next page. The caller releases it: json_doc_free_at(). */
int page_get(const struct client_request *request, struct json_t **out, struct err *err);

/*
 * Calls `take` for each page; it sets `count` to the number of items in it, and an error of its
 * ends the walk. ERR_DAMAGED for a list that has no end: a page that was there before, or more
 * than the maxima; ERR_DENIED when the next page is on another origin than this one.
 */
int page_walk(const struct client_request *request,
              int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err),
              void *arg, struct err *err);

/* One of several lists that are fetched side by side. */
struct page_walk {
    struct client_request request;
    int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err);
    void *arg;
    int rc; /* 0, or why the list is not whole, with `err`, which the caller releases */
    struct err err;
    /* Its way there. */
    char *url;             /* of the page that is next; NULL: the first one */
    struct sender senders; /* who have named it */
    char **seen; /* the addresses that it has been at, so that it does not go round in circles */
    size_t pages;
    size_t items;
    bool done;
};
/* What one list does not give says nothing of the others; an error means that all was given up. */
int page_walk_all(struct page_walk *walks, size_t count, struct err *err);

#endif
