/* The page that lists a folder, and the same as JSON. */
#ifndef WASME_CMD_SERVE_FOLDER_PAGE_H
#define WASME_CMD_SERVE_FOLDER_PAGE_H

#include <sys/stat.h>

#include "cmd/serve/query.h"
#include "module/abi.h"
#include "server/reply.h"

struct folder_entry {
    const char *name; /* lent */
    bool folder;
    long long size;
    time_t modified;
    bool module;            /* the file begins as a module does */
    bool looked;            /* whether that is known */
    char abi[ABI_PEEK_MAX]; /* "v0.2.1"; "": none */
};

struct folder_view {
    const char *path; /* "/" or "/a/b/" */
    const struct page_search *search;
    /* Gives the next entry; false behind the last. */
    bool (*next)(void *arg, struct folder_entry *out);
    void *arg;
    /* How many names were not shown, once `next` gave its last. `*at_least`: there may be more. */
    size_t (*left)(void *arg, bool *at_least);
};

/* No entry is added behind LISTING_BYTES_MAX bytes. */
void folder_page(const struct folder_view *view, struct server_reply *out);
void folder_page_json(const struct folder_view *view, struct server_reply *out);

#endif
