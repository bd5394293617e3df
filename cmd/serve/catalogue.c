#include "cmd/serve/catalogue.h"

#include <stdlib.h>
#include <string.h>

struct catalogue *catalogue_keep(struct catalogue *catalogue)
{
    atomic_fetch_add(&catalogue->owners, 1);
    return catalogue;
}

void catalogue_drop(struct catalogue *catalogue)
{
    if (!catalogue || atomic_fetch_sub(&catalogue->owners, 1) != 1)
        return;
    for (size_t i = 0; i < catalogue->count; i++)
        free(catalogue->items[i].name);
    free(catalogue->items);
    free(catalogue->digests);
    rows_release(&catalogue->rows);
    buf_release(&catalogue->page);
    store_snapshot_drop(catalogue->snapshot);
    free(catalogue);
}

void catalogue_drop_at(struct catalogue **catalogue)
{
    catalogue_drop(*catalogue);
}

static int find_digest(const void *key, const void *item)
{
    const struct catalogue_item *const *at = item;
    return strcmp(key, digest_hex(&(*at)->image->wasm.digest));
}

const struct catalogue_item *catalogue_by_digest(const struct catalogue *catalogue, const char *hex)
{
    if (!catalogue->count)
        return NULL;
    const struct catalogue_item *const *found = bsearch(hex, catalogue->digests, catalogue->count,
                                                        sizeof(*catalogue->digests), find_digest);
    return found ? *found : NULL;
}

const struct catalogue_item *catalogue_by_folder(const struct catalogue *catalogue,
                                                 const char *folder)
{
    const struct snapshot_image *image = snapshot_by_folder(catalogue->snapshot, folder);
    for (size_t i = 0; image && i < catalogue->count; i++) {
        if (catalogue->items[i].image == image)
            return &catalogue->items[i];
    }
    return NULL;
}
