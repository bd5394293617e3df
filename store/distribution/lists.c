#include "store/distribution/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/texts.h"
#include "store/distribution/images.h"
#include "store/distribution/through.h"

enum {
    NAMES_MAX = 1000000, /* names of a list */
    PAGE_NAMES = 10000,  /* names of a page, also where the client asks for more */
};

/* Takes the name. */
static int add(struct texts *names, char *name)
{
    if (names->count == NAMES_MAX) {
        free(name);
        return 1;
    }
    texts_add(names, name);
    return 0;
}

/* The number of names that the client asks for. False: the reply refuses the number. */
static bool read_number(struct dist_call *call, size_t *out)
{
    AUTO_FREE char *text = dist_query(call->request->query, "n", 0);
    *out = PAGE_NAMES;
    if (!text || !*text)
        return true;
    if (strspn(text, "0123456789") != strlen(text)) {
        dist_error(call->reply, 400, "UNSUPPORTED", "n=%.40s is no number of names", text);
        return false;
    }
    unsigned long number = strlen(text) > 9 ? PAGE_NAMES : strtoul(text, NULL, 10);
    *out = number < PAGE_NAMES ? number : PAGE_NAMES;
    return true;
}

/* Adds the field that leads to the next page (OCI distribution specification, "Listing Tags"). */
static void add_link(struct dist_call *call, size_t number, const char *last)
{
    AUTO(buf_release) struct buf link = BUF_INIT(REQUEST_TARGET_MAX);
    buf_add_char(&link, '<');
    buf_add_text(&link, "/v2/");
    buf_add_text(&link, call->path.name);
    buf_add_text(&link, call->path.kind == DIST_TAGS ? "/tags/list" : "_catalog");
    buf_printf(&link, "?n=%zu&last=", number);
    percent_add(&link, last, strlen(last), "/");
    buf_add_text(&link, ">; rel=\"next\"");
    server_reply_field(call->reply, "Link", buf_text(&link));
}

/* Writes the page of the names that the client asks for. */
static void send_page(struct dist_call *call, struct texts *names, const char *key)
{
    size_t number;
    AUTO_FREE char *last = dist_query(call->request->query, "last", 0);
    if (!read_number(call, &number))
        return;
    texts_sort_once(names);
    size_t at = 0;
    while (last && at < names->count && strcmp(names->items[at], last) <= 0)
        at++;
    size_t end = names->count - at > number ? at + number : names->count;
    dist_page(call->reply, "application/json");
    struct buf *out = &call->reply->page;
    json_begin_object(out);
    if (call->path.kind == DIST_TAGS)
        json_put_pair(out, "name", call->path.name);
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = at; i < end; i++)
        json_put_text(out, names->items[i]);
    json_end_array(out);
    json_end_object(out);
    buf_add_char(out, '\n');
    if (end < names->count && end > at)
        add_link(call, number, names->items[end - 1]);
}

static int add_name(void *arg, const char *name)
{
    return add(arg, mem_dup(name));
}

static int add_tag(void *arg, const char *name)
{
    return ref_tag_valid(name) ? add_name(arg, name) : 0;
}

static void add_image_tags(struct dist_call *call, struct texts *names)
{
    struct distribution *registry = call->registry;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    for (size_t i = 0; snapshot && i < snapshot->count; i++) {
        const struct snapshot_image *image = snapshot->images[i];
        struct image_name name;
        image_name_read(image->ref, &name);
        if (name.tag && image_place(registry, image, call->path.name) != PLACE_NONE)
            add(names, mem_dup_n(name.tag, strcspn(name.tag, "@")));
    }
}

static void add_upstream_tags(struct dist_call *call, struct texts *names)
{
    AUTO(registry_names_release) struct registry_names found = {0};
    through_tags(call, &found);
    for (size_t i = 0; i < found.count; i++)
        add(names, mem_dup(found.items[i]));
}

int list_tags(struct dist_call *call, struct err *err)
{
    AUTO(texts_release) struct texts names = {0};
    const struct depot *depot = call->registry->depot;
    int rc = depot_link_each(depot, call->path.name, DEPOT_TAGS, add_tag, &names, err);
    if (rc < 0)
        return rc;
    add_image_tags(call, &names);
    add_upstream_tags(call, &names);
    if (!names.count && !depot_has(depot, call->path.name))
        dist_error(call->reply, 404, "NAME_UNKNOWN", "there is no repository %s", call->path.name);
    else
        send_page(call, &names, "tags");
    return 0;
}

/* An image, and its name. */
struct named {
    const struct snapshot_image *image;
    struct image_name name;
};

static int compare_parts(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_paths(const struct image_name *a, const struct image_name *b)
{
    return compare_parts(a->path, a->path_len, b->path, b->path_len);
}

static int compare_hosts(const struct image_name *a, const struct image_name *b)
{
    return compare_parts(a->host, a->host_len, b->host, b->host_len);
}

static int by_path(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = compare_paths(&x->name, &y->name);
    return order ? order : compare_hosts(&x->name, &y->name);
}

/* The repository by which the catalog names the image: its path, and the host too when the path
 * alone could mean another image, because images of several hosts share it. */
static char *catalog_name(const struct distribution *registry, const struct named *named,
                          bool shared)
{
    const struct image_name *name = &named->name;
    AUTO_FREE char *path = mem_dup_n(name->path, name->path_len);
    if (!shared || image_place(registry, named->image, path) != PLACE_SHORT)
        return STEAL(path);
    char *full = mem_printf("%.*s/%s", (int)name->host_len, name->host, path);
    dist_hide_port(full, name->host_len);
    return full;
}

/* Adds the repositories of the images. */
static void add_images(const struct distribution *registry, const struct store_snapshot *snapshot,
                       struct texts *out)
{
    size_t count = snapshot->count;
    AUTO_FREE struct named *all = mem_zero(count + 1, sizeof(*all));
    for (size_t i = 0; i < count; i++) {
        all[i].image = snapshot->images[i];
        image_name_read(all[i].image->ref, &all[i].name);
    }
    qsort(all, count, sizeof(*all), by_path);
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && compare_paths(&all[i].name, &all[end].name) == 0)
            end++;
        bool shared = compare_hosts(&all[i].name, &all[end - 1].name) != 0;
        for (size_t k = i; k < end; k++)
            if (all[k].image->manifest.text[0])
                add(out, catalog_name(registry, &all[k], shared));
    }
}

int list_repositories(struct dist_call *call, struct err *err)
{
    AUTO(texts_release) struct texts names = {0};
    struct distribution *registry = call->registry;
    AUTO(store_snapshot_drop_at)
    struct store_snapshot *snapshot = registry->options.images(registry->options.arg, false);
    if (depot_each(registry->depot, add_name, &names, err) < 0) {
        notice_say(registry->options.notice, NOTICE_WARNING, "the catalog is not complete: %s",
                   err_text(err));
        err_release(err);
    }
    if (snapshot)
        add_images(registry, snapshot, &names);
    send_page(call, &names, "repositories");
    return 0;
}
