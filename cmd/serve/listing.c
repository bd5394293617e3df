#include "cmd/serve/listing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/serve/defer.h"
#include "cmd/serve/first_names.h"
#include "cmd/serve/folder_page.h"
#include "cmd/serve/page.h"

enum {
    FRESH_MS = 1000,
    LONG_MS = 10, /* a page that was made in less time keeps no client waiting */
};

/* The folder that is listed. */
struct place {
    struct serve_listing *listing;
    const struct beneath *tree;
    int fd;           /* owned */
    char *key;        /* owned; see struct serve_listing */
    struct stat info; /* of the folder */
    const char *path; /* lent by the request */
    struct first_names names;
    size_t at;     /* the next name */
    size_t looked; /* modules whose ABI was looked up */
};

static void place_free(void *opaque)
{
    struct place *place = opaque;
    if (place->fd >= 0)
        close(place->fd);
    first_names_release(&place->names);
    free(place->key);
    free(place);
}

/* --- What lies in the folder --- */

static int look_at(const struct place *place, const char *name, struct stat *info)
{
    int rc = fstatat(place->fd, name, info, AT_SYMLINK_NOFOLLOW);
    if (rc || !S_ISLNK(info->st_mode))
        return rc;
    AUTO_FREE char *path = mem_printf("%s%s", place->path, name);
    AUTO_CLOSE int fd = beneath_find(place->tree, path, NULL);
    return fd < 0 ? -1 : fstat(fd, info);
}

static bool is_wasm(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".wasm") == 0;
}

static void look_at_abi(struct place *place, struct folder_entry *entry)
{
    if (entry->folder || !is_wasm(entry->name) || place->looked >= LISTING_MODULES_MAX)
        return;
    place->looked++;
    AUTO_FREE char *path = mem_printf("%s%s", place->path, entry->name);
    AUTO_CLOSE int found = beneath_find(place->tree, path, NULL);
    AUTO_CLOSE int fd = found < 0 ? -1 : beneath_open(place->tree, path, found);
    entry->looked = fd >= 0;
    entry->module = fd >= 0 && abi_peek(fd, entry->abi);
}

static bool next_entry(void *opaque, struct folder_entry *out)
{
    struct place *place = opaque;
    struct stat info;
    while (place->at < place->names.count) {
        const char *name = place->names.items[place->at++];
        if (look_at(place, name, &info) != 0)
            continue;
        bool folder = S_ISDIR(info.st_mode);
        if (!folder && !S_ISREG(info.st_mode)) /* a FIFO or a device is not served */
            continue;
        *out = (struct folder_entry){
            .name = name, .folder = folder, .size = info.st_size, .modified = info.st_mtime};
        look_at_abi(place, out);
        return true;
    }
    return false;
}

static size_t count_left(void *opaque, bool *at_least)
{
    const struct place *place = opaque;
    *at_least = place->names.seen == FIRST_NAMES_COUNTED;
    return place->names.seen - place->at;
}

/* --- The page that is kept --- */

void serve_listing_init(struct serve_listing *listing)
{
    *listing = (struct serve_listing){0};
    pthread_mutex_init(&listing->making, NULL);
    pthread_mutex_init(&listing->lock, NULL);
}

void serve_listing_release(struct serve_listing *listing)
{
    free(listing->key);
    buf_release(&listing->page);
    pthread_mutex_destroy(&listing->making);
    pthread_mutex_destroy(&listing->lock);
}

static bool is_fresh(const struct serve_listing *listing, const struct place *place)
{
    const struct stat *info = &place->info;
    return listing->key && strcmp(listing->key, place->key) == 0 &&
           listing->device == info->st_dev && listing->inode == info->st_ino &&
           listing->changed.tv_sec == info->st_mtim.tv_sec &&
           listing->changed.tv_nsec == info->st_mtim.tv_nsec &&
           clock_ms() - listing->made_at < FRESH_MS;
}

/* Replies without making a page; false: the page has to be made. */
static bool reply_again(struct place *place, struct server_reply *out)
{
    struct serve_listing *listing = place->listing;
    bool done = true;
    pthread_mutex_lock(&listing->lock);
    if (is_fresh(listing, place) && listing->json) {
        page_set_up(out, "application/json");
        buf_add(&out->page, listing->page.data, listing->page.len);
    } else if (is_fresh(listing, place)) {
        page_again(out, &listing->page, listing->etag);
    } else if (clock_ms() < listing->rest_until) {
        server_reply_status(out, 503);
    } else {
        done = false;
    }
    pthread_mutex_unlock(&listing->lock);
    return done;
}

static void keep(struct place *place, bool json, const struct server_reply *reply, int64_t began)
{
    struct serve_listing *listing = place->listing;
    int64_t now = clock_ms(), took = now - began;
    pthread_mutex_lock(&listing->lock);
    free(listing->key);
    buf_release(&listing->page);
    listing->key = STEAL(place->key);
    listing->json = json;
    listing->device = place->info.st_dev;
    listing->inode = place->info.st_ino;
    listing->changed = place->info.st_mtim;
    listing->made_at = now;
    listing->rest_until = took < LONG_MS ? now : now + took;
    buf_init(&listing->page, reply->page.max);
    buf_add(&listing->page, reply->page.data, reply->page.len);
    snprintf(listing->etag, sizeof(listing->etag), "%s", reply->etag);
    pthread_mutex_unlock(&listing->lock);
}

static int make_page(struct place *place, const struct server_request *request,
                     struct server_reply *out, struct err *err)
{
    AUTO(page_search_release) struct page_search search;
    int64_t began = clock_ms();
    bool json = query_wants_json(request->accept);
    place->path = request->path;
    int rc = first_names_read(place->fd, request->path, &place->names, err);
    if (rc)
        return rc;
    page_search_read(request, &search);
    struct folder_view view = {place->path, &search, next_entry, place, count_left};
    if (json)
        folder_page_json(&view, out);
    else
        folder_page(&view, out);
    keep(place, json, out, began);
    return 0;
}

static int reply_later(void *opaque, const struct server_request *request, struct server_reply *out,
                       struct err *err)
{
    struct place *place = opaque;
    int rc = 0;
    pthread_mutex_lock(&place->listing->making);
    if (!reply_again(place, out))
        rc = make_page(place, request, out, err);
    pthread_mutex_unlock(&place->listing->making);
    return rc;
}

int serve_list(struct serve_listing *listing, const struct beneath *tree, int fd,
               const struct server_request *request, struct server_reply *out, struct err *err)
{
    struct place *place = mem_zero(1, sizeof(*place));
    place->listing = listing;
    place->tree = tree;
    place->key = mem_printf("%s %d %s", request->path, query_wants_json(request->accept),
                            request->query ? request->query : "");
    place->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    int rc = place->fd < 0 || fstat(place->fd, &place->info) != 0
                 ? err_errno(err, "stat %s", request->path)
                 : 0;
    if (!rc && !reply_again(place, out))
        return defer(out, reply_later, place_free, place);
    place_free(place);
    return rc;
}
