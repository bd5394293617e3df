#include "cmd/serve/catalogue_make.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/size_limit.h"
#include "cmd/serve/store_page.h"
#include "image/ref.h"
#include "store/distribution/path.h"

static void add_row(struct catalogue *out, const struct snapshot_image *image)
{
    struct row *row = rows_add(&out->rows, image->ref);
    row->digest = image->wasm.digest;
    row->manifest = image->manifest;
    row->size = image->wasm.size;
    row->updated = image->updated;
    out->bytes += image->wasm.size;
}

/* Reads the ABI, or takes it from the catalogue before: a wasm is named by its digest. */
static void find_abi(const struct store *store, const struct catalogue *before,
                     struct catalogue_item *item)
{
    const char *hex = digest_hex(&item->image->wasm.digest);
    const struct catalogue_item *known = before ? catalogue_by_digest(before, hex) : NULL;
    if (known && known->module) {
        item->module = true;
        memcpy(item->abi, known->abi, sizeof(item->abi));
        return;
    }
    AUTO_FREE char *path = mem_printf("%s/%s/filter.wasm", store_dir(store), item->image->folder);
    AUTO_CLOSE int fd = -1;
    off_t size;
    if (file_open_regular(path, &fd, &size, ERR_IGNORED) == 0)
        item->module = abi_peek(fd, item->abi);
}

/* --- Names in the served registry --- */

/* The name of an image without and with its host. */
struct names {
    size_t item;
    char *brief, *full; /* owned */
    bool own;           /* the host is the server itself */
};

static int by_brief(const void *a, const void *b)
{
    const struct names *x = a, *y = b;
    int order = strcmp(x->brief, y->brief);
    return order ? order : (int)y->own - (int)x->own;
}

static void name_one(const struct site *site, const struct catalogue_item *item, struct names *out)
{
    AUTO(ref_release) struct ref ref = {0};
    out->full = mem_dup(item->image->ref);
    dist_hide_port(out->full, strcspn(out->full, "/"));
    if (ref_parse(item->image->ref, NULL, &ref, ERR_IGNORED) != 0) {
        out->brief = mem_dup(item->image->ref);
        return;
    }
    out->brief = mem_printf("%s%s%s", ref.repository, ref.tag ? ":" : "@",
                            ref.tag ? ref.tag : ref.digest.text);
    out->own = site->name && strcmp(ref.registry, site->name) == 0;
}

/* An image has its short name for itself when it is the only one with that name, or the server's
 * own one. */
static void name_all(const struct site *site, struct catalogue *out)
{
    struct names *names = mem_zero(out->count + 1, sizeof(*names));
    for (size_t i = 0; i < out->count; i++) {
        names[i].item = i;
        name_one(site, &out->items[i], &names[i]);
    }
    qsort(names, out->count, sizeof(*names), by_brief);
    for (size_t i = 0; i < out->count; i++) {
        bool before = i > 0 && strcmp(names[i].brief, names[i - 1].brief) == 0;
        bool after = i + 1 < out->count && strcmp(names[i].brief, names[i + 1].brief) == 0;
        bool shared = before || (after && !names[i].own);
        out->items[names[i].item].name = mem_dup(shared ? names[i].full : names[i].brief);
    }
    for (size_t i = 0; i < out->count; i++) {
        free(names[i].brief);
        free(names[i].full);
    }
    free(names);
}

/* Warns of modules that Envoy will refuse, once for each. */
static void warn_of_sizes(const struct catalogue *before, const struct catalogue *made)
{
    int warned = 0;
    for (size_t i = 0; i < made->count && warned < SIZE_LIMIT_WARNINGS; i++) {
        const struct snapshot_image *image = made->items[i].image;
        if (!size_limit_exceeds(image->wasm.size) ||
            (before && catalogue_by_digest(before, digest_hex(&image->wasm.digest))))
            continue;
        size_limit_warn(image->ref, image->wasm.size);
        warned++;
    }
}

static int by_digest(const void *a, const void *b)
{
    const struct catalogue_item *const *x = a, *const *y = b;
    int order = strcmp((*x)->image->wasm.digest.text, (*y)->image->wasm.digest.text);
    return order ? order : (*x > *y) - (*x < *y);
}

static void fill(const struct store *store, const struct catalogue *before, struct catalogue *out)
{
    out->count = out->snapshot->count;
    out->items = mem_zero(out->count + 1, sizeof(*out->items));
    out->digests = mem_zero(out->count + 1, sizeof(*out->digests));
    for (size_t i = 0; i < out->count; i++)
        add_row(out, out->snapshot->images[i]);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].image = out->snapshot->images[i];
        out->items[i].row = &out->rows.items[i];
        out->digests[i] = &out->items[i];
        find_abi(store, before, &out->items[i]);
    }
    qsort(out->digests, out->count, sizeof(*out->digests), by_digest);
}

int catalogue_make(struct store *store, const struct site *site, const struct catalogue *before,
                   struct catalogue **out, struct err *err)
{
    struct store_snapshot *snapshot = NULL;
    int rc =
        store_snapshot_make(store, before ? before->snapshot : NULL, &log_notice, &snapshot, err);
    if (rc)
        return rc;
    struct catalogue *made = mem_zero(1, sizeof(*made));
    made->owners = 1;
    made->snapshot = snapshot;
    fill(store, before, made);
    name_all(site, made);
    store_page_prepare(made);
    warn_of_sizes(before, made);
    *out = made;
    return 0;
}
