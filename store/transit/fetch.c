#include "store/transit/fetch.h"

#include "base/mem.h"
#include "image/manifest.h"
#include "store/transit/extract.h"
#include "store/transit/resolve.h"
#include "store/transit/round.h"

/* A run: the items, and which of them are done. */
struct run {
    const struct fetch_wish *wish;
    struct fetched *items;
    size_t count;
    bool *done; /* of each item: its wasm is found, or cannot be */
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
static int ask_for_layer(const struct run *run, struct round *round, struct fetched *item,
                         size_t number)
{
    const struct descriptor *layer = &item->manifest.layers[number];
    if (layer->size > run->wish->max_size)
        return err_set(&item->err, ERR_FAILED,
                       "layer %s has %lld bytes: larger than %lld, see --max-size",
                       layer->digest.text, layer->size, run->wish->max_size);
    if (digest_equal(&layer->digest, &item->manifest.config.digest) ||
        fetched_find_layer(item, &layer->digest) < item->layer_count)
        return 0;
    struct store_file *file = NULL;
    int rc = store_file_begin(run->wish->store, &layer->digest, &file, &item->err);
    if (rc)
        return rc;
    item->layers = mem_resize(item->layers, item->layer_count + 1, sizeof(*item->layers));
    item->layers[item->layer_count++] = (struct fetched_layer){number, file};
    round_add(round, item, layer, file);
    return 0;
}

/* The layer that may have the wasm, which is none of the registry's own. */
static int ask_for_wasm(const struct run *run, struct round *round, struct fetched *item)
{
    const struct digest *digest = &item->manifest.layers[item->form.layer].digest;
    int rc = ask_for_layer(run, round, item, item->form.layer);
    if (!rc && digest_equal(digest, &item->manifest.config.digest))
        rc = err_set(&item->err, ERR_UNSUPPORTED, "layer %s is not one of its own", digest->text);
    return rc;
}

/* At first the config and, of a whole image, all layers; otherwise the layers that may have the wasm,
 * one after the other. */
static void ask(const struct run *run, struct round *round, struct fetched *item, bool first)
{
    int rc = first ? ask_for_config(round, item) : 0;
    if (!rc)
        rc = ask_for_wasm(run, round, item);
    for (size_t i = 0; !rc && first && run->wish->whole && i < item->manifest.layer_count; i++)
        if (!item->manifest.layers[i].elsewhere)
            rc = ask_for_layer(run, round, item, i);
    item->rc = rc;
}

/* What the item asked for in this round has come. */
static void item_done(void *arg, struct fetched *item)
{
    const struct run *run = arg;
    if (!fetched_is_open(item) || !extract_wasm(run->wish, item))
        return;
    run->done[item - run->items] = true;
    if (fetched_is_open(item) && run->wish->done)
        run->wish->done(run->wish->done_arg, item);
}

int fetch_images(const struct image_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE bool *done = mem_zero(count + 1, sizeof(*done));
    struct run run = {wish, items, count, done};
    for (size_t i = 0; i < count; i++)
        fetched_begin(&items[i]);
    int rc = resolve_images(source, wish, items, count, err);
    for (bool first = true, more = true; !rc && more; first = false) {
        AUTO(round_release) struct round round = {.done = item_done, .arg = &run};
        for (size_t i = 0; i < count; i++)
            if (fetched_is_open(&items[i]) && !done[i])
                ask(&run, &round, &items[i], first);
        more = round.want_count > 0;
        rc = round_run(&round, source, err);
    }
    return rc;
}
