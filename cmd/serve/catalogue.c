#include "cmd/serve/catalogue.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/catalogue_make.h"
#include "cmd/serve/watch.h"

struct catalogue_source {
    struct store *store;
    const struct site *site;
    struct watch *watch;
    _Atomic uint64_t changes; /* of the store, that were noticed */
    pthread_mutex_t making;   /* held while a catalogue is made */
    pthread_mutex_t lock;     /* of the next members */
    struct catalogue *current;
    uint64_t made; /* catalogues */
    int64_t made_ms;
};

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

struct catalogue_source *catalogue_open(struct store *store, const struct site *site)
{
    struct catalogue_source *source = mem_zero(1, sizeof(*source));
    source->store = store;
    source->site = site;
    source->watch = watch_open(store);
    source->changes = 1;
    pthread_mutex_init(&source->making, NULL);
    pthread_mutex_init(&source->lock, NULL);
    return source;
}

void catalogue_close(struct catalogue_source *source)
{
    if (!source)
        return;
    catalogue_drop(source->current);
    watch_close(source->watch);
    pthread_mutex_destroy(&source->making);
    pthread_mutex_destroy(&source->lock);
    free(source);
}

int catalogue_fd(const struct catalogue_source *source)
{
    return watch_fd(source->watch);
}

/* The catalogue that is there, when it has all changes up to `number`. */
static struct catalogue *current(struct catalogue_source *source, uint64_t number)
{
    pthread_mutex_lock(&source->lock);
    bool fits = source->current && source->current->number >= number;
    struct catalogue *found = fits ? catalogue_keep(source->current) : NULL;
    pthread_mutex_unlock(&source->lock);
    return found;
}

struct catalogue *catalogue_fresh(struct catalogue_source *source)
{
    if (watch_changed(source->watch))
        source->changes++;
    return current(source, source->changes);
}

static void put(struct catalogue_source *source, struct catalogue *catalogue, int64_t ms)
{
    pthread_mutex_lock(&source->lock);
    struct catalogue *before = source->current;
    source->current = catalogue;
    source->made++;
    source->made_ms = ms;
    pthread_mutex_unlock(&source->lock);
    catalogue_drop(before);
}

static int make(struct catalogue_source *source, struct catalogue **out, struct err *err)
{
    int64_t began = clock_ms();
    uint64_t number = source->changes;
    AUTO(catalogue_drop_at) struct catalogue *before = current(source, 0);
    struct catalogue *made = NULL;
    watch_images(source->watch);
    int rc = catalogue_make(source->store, source->site, before, &made, err);
    if (rc)
        return rc;
    made->number = number;
    *out = catalogue_keep(made);
    put(source, made, clock_ms() - began);
    return 0;
}

int catalogue_renew(struct catalogue_source *source, struct catalogue **out, struct err *err)
{
    pthread_mutex_lock(&source->making);
    struct catalogue *found = current(source, source->changes);
    int rc = found ? 0 : make(source, &found, err);
    pthread_mutex_unlock(&source->making);
    if (!rc)
        *out = found;
    return rc;
}

static void put_metric(struct buf *out, const char *name, const char *type, const char *help,
                       long long value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name, value);
}

void catalogue_metrics(struct catalogue_source *source, struct buf *out)
{
    pthread_mutex_lock(&source->lock);
    const struct catalogue *now = source->current;
    put_metric(out, "wasme_store_images", "gauge", "Images in the store.",
               now ? (long long)now->count : 0);
    put_metric(out, "wasme_store_wasm_bytes", "gauge", "Bytes of the wasm of all images.",
               now ? now->bytes : 0);
    put_metric(out, "wasme_store_snapshots_total", "counter", "How often the store was read.",
               (long long)source->made);
    buf_printf(out,
               "# HELP wasme_store_snapshot_seconds Duration of the last reading.\n"
               "# TYPE wasme_store_snapshot_seconds gauge\n"
               "wasme_store_snapshot_seconds %" PRId64 ".%03" PRId64 "\n",
               source->made_ms / 1000, source->made_ms % 1000);
    pthread_mutex_unlock(&source->lock);
}
