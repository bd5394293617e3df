#include "registry/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/link.h"
#include "http/url.h"
#include "registry/answer.h"
#include "registry/calls.h"
#include "registry/route.h"

/* A page while it is fetched. */
struct turn {
    struct buf data;
    struct body_sink sink;
};

static void turn_release(struct turn *turn, struct call *call)
{
    call_release(call);
    body_sink_release(&turn->sink);
    buf_release(&turn->data);
}

/* Prepares the fetch of the page at `url`, which `by` has named and which is handed over, or with
 * NULL of the first page. (A later page has no path: otherwise a further try would fetch the
 * first.) */
static void prepare(const struct client_request *request, char *url, struct sender by,
                    struct turn *turn, struct call *call)
{
    *turn = (struct turn){.data = BUF_INIT(PAGE_BYTES_MAX),
                          .sink = {.fd = -1, .data = &turn->data, .size = -1}};
    *call = (struct call){
        .method = "GET",
        .what = request->what,
        .host = request->host,
        .path = url ? NULL : request->path,
        .scope = request->scope,
        .headers = {"Accept: application/json"},
        .sink = &turn->sink,
        .follow = true,
        .apart = true,
    };
    if (url)
        route_name(call, url, by);
}

static int parse(const struct client_request *request, const struct turn *turn, struct call *call,
                 struct json_t **out, struct err *err)
{
    if (call->rc)
        return err_move(err, &call->err);
    int rc = json_doc_parse(buf_text(&turn->data), turn->data.len, out, ERR_IGNORED);
    if (!rc)
        return 0;
    (void)answer_refuse(request->host->address, call->response.status, "without JSON", err);
    return err_wrap(err, "GET %s", request->what);
}

int page_get(const struct client_request *request, struct json_t **out, struct err *err)
{
    struct turn turn;
    struct call call;
    prepare(request, NULL, (struct sender){0}, &turn, &call);
    int rc = calls_run(&request->registry->transport, &call, 1, err);
    if (!rc)
        rc = parse(request, &turn, &call, out, err);
    turn_release(&turn, &call);
    return rc;
}

/* A login is for one origin, so all pages of a list must be there. */
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

static void add_seen(struct page_walk *walk, const char *url)
{
    walk->seen = mem_resize(walk->seen, walk->pages + 1, sizeof(*walk->seen));
    walk->seen[walk->pages++] = mem_dup(url);
}

static int check_end(const struct page_walk *walk, const char *url, struct err *err)
{
    for (size_t i = 0; i < walk->pages; i++)
        if (strcmp(walk->seen[i], url) == 0)
            return err_set(err, ERR_DAMAGED, "the list has no end: page %zu is page %zu again",
                           walk->pages + 1, i + 1);
    if (walk->pages == PAGES_MAX)
        return err_set(err, ERR_DAMAGED, "the list has no end: more than %d pages", PAGES_MAX);
    return 0;
}

/* The address in the Link field; NULL after the last page. */
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

static int check_count(const struct page_walk *walk, const struct call *call, struct err *err)
{
    const char *said = call->response.total_count;
    long long total = said ? strtoll(said, NULL, 10) : 0;
    if (walk->items <= PAGE_ITEMS_MAX && total <= PAGE_ITEMS_MAX)
        return 0;
    return err_set(err, ERR_DAMAGED, "the list has more than %d items: name a part of it",
                   PAGE_ITEMS_MAX);
}

/* Takes the items of a page, and finds the next page. */
static int settle(struct page_walk *walk, const struct turn *turn, struct call *call,
                  struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *page = NULL;
    size_t count = 0;
    int rc = parse(&walk->request, turn, call, &page, err);
    if (rc)
        return rc;
    add_seen(walk, call->url);
    walk->senders = route_senders(call);
    rc = check_count(walk, call, err);
    if (!rc)
        rc = walk->take(walk->arg, page, &count, err);
    walk->items += count;
    if (!rc)
        rc = check_count(walk, call, err);
    if (!rc)
        rc = find_next(call, &walk->url, err);
    if (!rc && walk->url)
        rc = check_end(walk, walk->url, err);
    return rc ? err_wrap(err, "GET %s", walk->request.what) : 0;
}

static void walk_release(struct page_walk *walk)
{
    for (size_t i = 0; i < walk->pages; i++)
        free(walk->seen[i]);
    free(walk->seen);
    free(walk->url);
    walk->seen = NULL;
    walk->url = NULL;
}

/* Fetches the next page of each of the `count` lists. */
static int round_of(struct page_walk **walks, size_t count, struct err *err)
{
    AUTO_FREE struct turn *turns = mem_zero(count, sizeof(*turns));
    AUTO_FREE struct call *calls = mem_zero(count, sizeof(*calls));
    for (size_t i = 0; i < count; i++)
        prepare(&walks[i]->request, STEAL(walks[i]->url), walks[i]->senders, &turns[i], &calls[i]);
    int rc = calls_run(&walks[0]->request.registry->transport, calls, count, err);
    for (size_t i = 0; i < count; i++) {
        struct page_walk *walk = walks[i];
        if (!rc)
            walk->rc = settle(walk, &turns[i], &calls[i], &walk->err);
        walk->done = walk->rc || !walk->url;
        turn_release(&turns[i], &calls[i]);
    }
    return rc;
}

int page_walk_all(struct page_walk *walks, size_t count, struct err *err)
{
    AUTO_FREE struct page_walk **open = mem_zero(count, sizeof(*open));
    size_t left;
    int rc = 0;
    do {
        left = 0;
        for (size_t i = 0; i < count; i++)
            if (!walks[i].done)
                open[left++] = &walks[i];
        rc = left ? round_of(open, left, err) : 0;
    } while (!rc && left);
    for (size_t i = 0; i < count; i++)
        walk_release(&walks[i]);
    return rc;
}

int page_walk(const struct client_request *request,
              int (*take)(void *arg, const struct json_t *page, size_t *count, struct err *err),
              void *arg, struct err *err)
{
    struct page_walk walk = {.request = *request, .take = take, .arg = arg};
    int rc = page_walk_all(&walk, 1, err);
    if (!rc)
        rc = err_move(err, &walk.err);
    err_release(&walk.err);
    return rc;
}
