#include "store/transit/fetch.h"

#include "base/mem.h"
#include "image/manifest.h"
#include "store/transit/extract.h"
#include "store/transit/resolve.h"
#include "store/transit/round.h"

/* The items, and which of them are done. */
struct fetching {
    const struct fetch_wish *wish;
    struct fetched *items;
    size_t count;
    bool *done; /* for each item: its wasm is found, or cannot be found */
};

static int ask_for_config(struct round *round, struct fetched *item)
{
    long long size = item->manifest.config.size;
    if (size > MANIFEST_MAX)
        return err_set(&item->err, ERR_DAMAGED,
                       "the config blob has %lld bytes, and %d is the limit", size, MANIFEST_MAX);
    round_add(round, item, &item->manifest.config, NULL);
    return 0;
}

/* A layer with the bytes of another one, or of the config, is not asked for again. */
static int ask_for_layer(const struct fetching *fetching, struct round *round, struct fetched *item,
                         size_t number)
{
    const struct descriptor *layer = &item->manifest.layers[number];
    if (layer->size > fetching->wish->max_size)
        return err_set(&item->err, ERR_FAILED,
                       "layer %s has %lld bytes: larger than %lld, see --max-size",
                       layer->digest.text, layer->size, fetching->wish->max_size);
    if (digest_equal(&layer->digest, &item->manifest.config.digest) ||
        fetched_find_layer(item, &layer->digest) < item->layer_count)
        return 0;
    struct store_file *file = NULL;
    int rc = store_file_begin(fetching->wish->store, &layer->digest, &file, &item->err);
    if (rc)
        return rc;
    item->layers = mem_resize(item->layers, item->layer_count + 1, sizeof(*item->layers));
    item->layers[item->layer_count++] = (struct fetched_layer){number, file};
    round_add(round, item, layer, file);
    return 0;
}

/* Asks for the layer that may have the wasm. The config blob, which goes into memory, cannot be
 * it. */
static int ask_for_wasm(const struct fetching *fetching, struct round *round, struct fetched *item)
{
    const struct digest *digest = &item->manifest.layers[item->form.layer].digest;
    int rc = ask_for_layer(fetching, round, item, item->form.layer);
    if (!rc && digest_equal(digest, &item->manifest.config.digest))
        rc = err_set(
            &item->err, ERR_UNSUPPORTED,
            "the layer that may hold the wasm is the config blob itself, %s: push another image",
            digest->text);
    return rc;
}

/* Asks at first for the config, the layer that may have the wasm and, of a whole image, all layers;
 * later for the next layer that may have the wasm. */
static void ask(const struct fetching *fetching, struct round *round, struct fetched *item,
                bool first)
{
    int rc = first ? ask_for_config(round, item) : 0;
    if (!rc)
        rc = ask_for_wasm(fetching, round, item);
    for (size_t i = 0; !rc && first && fetching->wish->whole && i < item->manifest.layer_count; i++)
        if (!item->manifest.layers[i].elsewhere)
            rc = ask_for_layer(fetching, round, item, i);
    item->rc = rc;
}

/* Called when all that the item asked for in this round has come, or failed. */
static void item_done(void *arg, struct fetched *item)
{
    const struct fetching *fetching = arg;
    if (!fetched_is_open(item) || !extract_wasm(fetching->wish, item))
        return;
    fetching->done[item - fetching->items] = true;
    if (fetched_is_open(item) && fetching->wish->done)
        fetching->wish->done(fetching->wish->done_arg, item);
}

int fetch_images(const struct image_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE bool *done = mem_zero(count + 1, sizeof(*done));
    struct fetching fetching = {wish, items, count, done};
    for (size_t i = 0; i < count; i++)
        fetched_begin(&items[i]);
    int rc = resolve_images(source, wish, items, count, err);
    for (bool first = true, more = true; !rc && more; first = false) {
        AUTO(round_release) struct round round = {.done = item_done, .arg = &fetching};
        for (size_t i = 0; i < count; i++)
            if (fetched_is_open(&items[i]) && !done[i])
                ask(&fetching, &round, &items[i], first);
        more = round.want_count > 0;
        rc = round_run(&round, source, err);
    }
    return rc;
}
