#include "store/transit/fetch.h"

#include "base/mem.h"
#include "image/manifest.h"
#include "store/transit/extract.h"
#include "store/transit/resolve.h"
#include "store/transit/round.h"

/* What is asked for next of an image. A broken image fails before its other layers are fetched. */
enum step {
    STEP_CONFIG, /* the config, and the layer that may have the wasm */
    STEP_WASM,   /* the next layer that may have it */
    STEP_REST,   /* the other layers of a whole image */
    STEP_DONE,
};

struct fetching {
    const struct fetch_wish *wish;
    struct fetched *items;
    size_t count;
    enum step *steps; /* of each item */
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

static bool has_blob(const struct fetched *item, const struct digest *digest)
{
    return digest_equal(digest, &item->manifest.config.digest) ||
           fetched_find_layer(item, digest) < item->layer_count;
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
    if (has_blob(item, &layer->digest))
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

/* Whether the layer of a whole image has yet to come; the bytes of the wasm are a file already. */
static bool lacks_layer(const struct fetched *item, size_t number)
{
    const struct descriptor *layer = &item->manifest.layers[number];
    return !layer->elsewhere && !digest_equal(&layer->digest, &item->wasm_digest) &&
           !has_blob(item, &layer->digest);
}

static bool lacks_any(const struct fetching *fetching, const struct fetched *item)
{
    for (size_t i = 0; fetching->wish->whole && i < item->manifest.layer_count; i++)
        if (lacks_layer(item, i))
            return true;
    return false;
}

static void ask(const struct fetching *fetching, struct round *round, struct fetched *item)
{
    enum step step = fetching->steps[item - fetching->items];
    int rc = step == STEP_CONFIG ? ask_for_config(round, item) : 0;
    if (!rc && step != STEP_REST)
        rc = ask_for_wasm(fetching, round, item);
    for (size_t i = 0; !rc && step == STEP_REST && i < item->manifest.layer_count; i++)
        if (lacks_layer(item, i))
            rc = ask_for_layer(fetching, round, item, i);
    item->rc = rc;
}

/* Called when all that the item asked for in this round has come, or failed. */
static void item_done(void *arg, struct fetched *item)
{
    const struct fetching *fetching = arg;
    enum step *step = &fetching->steps[item - fetching->items];
    if (!fetched_is_open(item))
        return;
    if (*step != STEP_REST)
        *step = extract_wasm(fetching->wish, item) ? STEP_REST : STEP_WASM;
    if (*step != STEP_REST || !fetched_is_open(item) || lacks_any(fetching, item))
        return;
    *step = STEP_DONE;
    if (fetching->wish->done)
        fetching->wish->done(fetching->wish->done_arg, item);
}

int fetch_images(const struct image_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE enum step *steps = mem_zero(count + 1, sizeof(*steps));
    struct fetching fetching = {wish, items, count, steps};
    for (size_t i = 0; i < count; i++)
        fetched_begin(&items[i]);
    int rc = resolve_images(source, wish, items, count, err);
    for (bool more = true; !rc && more;) {
        AUTO(round_release) struct round round = {.done = item_done, .arg = &fetching};
        for (size_t i = 0; i < count; i++)
            if (fetched_is_open(&items[i]) && steps[i] != STEP_DONE)
                ask(&fetching, &round, &items[i]);
        more = round.want_count > 0;
        rc = round_run(&round, source, err);
    }
    return rc;
}
