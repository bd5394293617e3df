#include "registry/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/link.h"
#include "registry/route.h"
#include "registry/url.h"

/* A walk: the addresses that it has been at, so that it does not go round in circles. */
struct walk {
    char **seen;           /* each owned */
    struct sender senders; /* of the next one's address */
    size_t pages;
    size_t items;
};

static void walk_release(struct walk *walk)
{
    for (size_t i = 0; i < walk->pages; i++)
        free(walk->seen[i]);
    free(walk->seen);
}

/* Fetches the call's address, or the request's path when it has none, and parses what comes. (With
 * a path, another try of a later page would begin at the first.) */
static int fetch(const struct page_request *request, struct call *call, struct json_t **out,
                 struct err *err)
{
    struct buf data AUTO(buf_release) = BUF_INIT(PAGE_BYTES_MAX);
    struct body_sink sink AUTO(body_sink_release) = {.fd = -1, .data = &data, .size = -1};
    call->method = "GET";
    call->what = request->what;
    call->host = request->host;
    call->path = call->url ? NULL : request->path;
    call->scope = request->scope;
    call->headers[0] = "Accept: application/json";
    call->sink = &sink;
    call->follow = true;
    int rc = transport_run(&request->registry->transport, call, 1, err);
    if (rc)
        return rc;
    rc = json_doc_parse(buf_text(&data), data.len, out, err);
    return rc ? err_wrap(err, "GET %s: the answer of %s", request->what, request->host->name) : 0;
}

int page_get(const struct page_request *request, struct json_t **out, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    struct call call AUTO(call_release) = {0};
    int rc = fetch(request, &call, out, &problem);
    return rc ? err_set(err, rc, "%s", err_text(&problem)) : 0;
}

/* A login is for one origin, and so is a list. */
static int check_origin(const char *here, const char *there, struct err *err)
{
    AUTO_FREE char *own = NULL;
    AUTO_FREE char *other = NULL;
    int rc = url_origin(here, &own, err);
    if (!rc)
        rc = url_origin(there, &other, err);
    if (rc || strcmp(own, other) == 0)
        return rc;
    return err_set(err, ERR_DENIED, "its next page is said to be on another host, %s: refused",
                   other);
}

static void add_seen(struct walk *walk, const char *url)
{
    walk->seen = mem_resize(walk->seen, walk->pages + 1, sizeof(*walk->seen));
    walk->seen[walk->pages++] = mem_dup(url);
}

static int check_end(const struct walk *walk, const char *url, struct err *err)
{
    for (size_t i = 0; i < walk->pages; i++)
        if (strcmp(walk->seen[i], url) == 0)
            return err_set(err, ERR_DAMAGED, "the list has no end: page %zu is page %zu again",
                           walk->pages + 1, i + 1);
    if (walk->pages == PAGES_MAX)
        return err_set(err, ERR_DAMAGED, "the list has no end: more than %d pages", PAGES_MAX);
    return 0;
}

/* The address behind the Link field, NULL behind the last page. */
static int find_next(const struct call *call, char **out, struct err *err)
{
    AUTO_FREE char *target = NULL;
    AUTO_FREE char *next = NULL;
    int rc = call->response.link ? link_next(call->response.link, &target, err) : 0;
    if (!rc && target)
        rc = url_join(call->url, target, &next, err);
    if (!rc && next)
        rc = check_origin(call->url, next, err);
    if (rc)
        return rc;
    *out = STEAL(next);
    return 0;
}

static int check_count(const struct walk *walk, const struct call *call, struct err *err)
{
    const char *said = call->response.total_count;
    long long total = said ? strtoll(said, NULL, 10) : 0;
    if (walk->items <= PAGE_ITEMS_MAX && total <= PAGE_ITEMS_MAX)
        return 0;
    return err_set(err, ERR_DAMAGED, "the list has more than %d items: name a part of it",
                   PAGE_ITEMS_MAX);
}

/* One page: `url` is taken, NULL for the first; the next one's address is put there. */
static int turn(const struct page_request *request, struct walk *walk, char **url,
                int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err),
                void *arg, struct err *err)
{
    struct call call AUTO(call_release) = {0};
    if (*url)
        route_name(&call, STEAL(*url), walk->senders);
    AUTO(json_doc_free_at) struct json_t *page = NULL;
    size_t count = 0;
    int rc = fetch(request, &call, &page, err);
    if (rc)
        return rc;
    add_seen(walk, call.url);
    walk->senders = route_senders(&call);
    rc = check_count(walk, &call, err);
    if (!rc)
        rc = take(arg, page, &count, err);
    walk->items += count;
    if (!rc)
        rc = check_count(walk, &call, err);
    if (!rc)
        rc = find_next(&call, url, err);
    if (!rc && *url)
        rc = check_end(walk, *url, err);
    return rc ? err_wrap(err, "GET %s", request->what) : 0;
}

int page_walk(const struct page_request *request,
              int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err),
              void *arg, struct err *err)
{
    struct err problem AUTO(err_release) = ERR_INIT;
    AUTO(walk_release) struct walk walk = {0};
    AUTO_FREE char *url = NULL;
    int rc;
    do {
        rc = turn(request, &walk, &url, take, arg, &problem);
    } while (!rc && url);
    return rc ? err_set(err, rc, "%s", err_text(&problem)) : 0;
}
