#include "cmd/serve/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/mem.h"
#include "cmd/serve/page.h"

enum {
    COUNTED_MAX = 200000,
    FRESH_MS = 1000,
    LONG_MS = 10, /* a page that was made in less time keeps no client waiting */
};

/* The first names of a folder in byte order: a heap with the last of these names on top. */
struct first_names {
    char **items; /* each owned */
    size_t count;
    size_t seen; /* how many names there are, up to COUNTED_MAX */
};

static void names_release(struct first_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static void swap(char **a, char **b)
{
    char *other = *a;
    *a = *b;
    *b = other;
}

static void sift_up(char **items, size_t at)
{
    for (; at && strcmp(items[(at - 1) / 2], items[at]) < 0; at = (at - 1) / 2)
        swap(&items[(at - 1) / 2], &items[at]);
}

static void sift_down(char **items, size_t count)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && strcmp(items[child], items[child + 1]) < 0)
            child++;
        if (strcmp(items[at], items[child]) >= 0)
            return;
        swap(&items[at], &items[child]);
        at = child;
    }
}

static void take_name(struct first_names *names, const char *name)
{
    names->seen++;
    if (names->count < LISTING_NAMES_MAX) {
        names->items[names->count] = mem_dup(name);
        sift_up(names->items, names->count++);
    } else if (strcmp(name, names->items[0]) < 0) {
        free(names->items[0]);
        names->items[0] = mem_dup(name);
        sift_down(names->items, names->count);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(int fd, const char *path, struct first_names *names, struct err *err)
{
    AUTO(dir_close_at) DIR *folder = dir_open(fd, ".");
    if (!folder)
        return err_errno(err, "list %s", path);
    names->items = mem_zero(LISTING_NAMES_MAX, sizeof(*names->items));
    const struct dirent *item;
    while (names->seen < COUNTED_MAX && (item = readdir(folder)))
        if (item->d_name[0] != '.')
            take_name(names, item->d_name);
    qsort(names->items, names->count, sizeof(*names->items), by_name);
    return 0;
}

/* The folder that is listed. */
struct place {
    const struct beneath *tree;
    int fd;
    const char *path;
};

static int look_at(const struct place *place, const char *name, struct stat *info)
{
    int rc = fstatat(place->fd, name, info, AT_SYMLINK_NOFOLLOW);
    if (rc || !S_ISLNK(info->st_mode))
        return rc;
    AUTO_FREE char *path = mem_printf("%s%s", place->path, name);
    AUTO_CLOSE int fd = beneath_find(place->tree, path, NULL);
    return fd < 0 ? -1 : fstat(fd, info);
}

static void add_item(struct server_reply *out, const struct place *place, const char *name)
{
    struct stat info;
    if (look_at(place, name, &info) != 0)
        return;
    bool is_folder = S_ISDIR(info.st_mode);
    if (!is_folder && !S_ISREG(info.st_mode)) /* a FIFO or a device is not served */
        return;
    AUTO_FREE char *shown = mem_printf("%s%s", name, is_folder ? "/" : "");
    AUTO_FREE char *link = mem_printf("./%s", shown);
    serve_page_row(out, link, shown, is_folder ? -1 : info.st_size, info.st_mtime);
}

static int make_page(const struct place *place, struct server_reply *out, struct err *err)
{
    AUTO(names_release) struct first_names names = {0};
    int rc = read_names(place->fd, place->path, &names, err);
    if (rc)
        return rc;
    serve_page_begin(out, place->path);
    if (place->path[1])
        serve_page_row(out, "../", "../", -1, 0);
    size_t shown = 0;
    while (shown < names.count && out->page.len < LISTING_BYTES_MAX)
        add_item(out, place, names.items[shown++]);
    if (names.seen > shown)
        serve_page_more(out, names.seen - shown, names.seen == COUNTED_MAX);
    serve_page_end(out);
    return 0;
}

void serve_listing_release(struct serve_listing *listing)
{
    free(listing->path);
    buf_release(&listing->page);
    *listing = (struct serve_listing){0};
}

static bool is_fresh(const struct serve_listing *listing, const char *path, const struct stat *info)
{
    return listing->path && strcmp(listing->path, path) == 0 && listing->device == info->st_dev &&
           listing->inode == info->st_ino && listing->changed.tv_sec == info->st_mtim.tv_sec &&
           listing->changed.tv_nsec == info->st_mtim.tv_nsec &&
           clock_ms() - listing->made_at < FRESH_MS;
}

bool serve_listing_again(const struct serve_listing *listing, const char *path,
                         const struct stat *info, struct server_reply *out)
{
    if (is_fresh(listing, path, info))
        serve_page_again(out, &listing->page);
    else if (clock_ms() < listing->rest_until)
        server_reply_status(out, 503);
    else
        return false;
    return true;
}

void serve_listing_keep(struct serve_listing *listing, const char *path, const struct stat *info,
                        const struct buf *page, int64_t began)
{
    int64_t now = clock_ms(), took = now - began;
    serve_listing_release(listing);
    *listing = (struct serve_listing){
        .path = mem_dup(path),
        .device = info->st_dev,
        .inode = info->st_ino,
        .changed = info->st_mtim,
        .made_at = now,
        .rest_until = took < LONG_MS ? now : now + took,
        .page = BUF_INIT(page->max),
    };
    buf_add(&listing->page, page->data, page->len);
}

int serve_list(struct serve_listing *listing, const struct beneath *tree, int fd, const char *path,
               struct server_reply *out, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat %s", path);
    if (serve_listing_again(listing, path, &info, out))
        return 0;
    int64_t began = clock_ms();
    int rc = make_page(&(struct place){tree, fd, path}, out, err);
    if (!rc)
        serve_listing_keep(listing, path, &info, &out->page, began);
    return rc;
}
