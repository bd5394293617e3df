#include "store/transit/fetch.h"

#include "base/mem.h"
#include "image/manifest.h"
#include "store/transit/extract.h"
#include "store/transit/resolve.h"
#include "store/transit/share.h"

/* What comes next for an image. A broken image fails before its other layers are fetched. */
enum step {
    STEP_CONFIG, /* ask for the config, and for the layer that may have the wasm */
    STEP_WASM,   /* look for the wasm in that layer; ask for the next one that may have it */
    STEP_REST,   /* ask for the other layers of a whole image */
    STEP_DONE,
};

struct fetching {
    const struct fetch_wish *wish;
    struct fetched *items;
    enum step *steps; /* of each item */
    struct shares shares;
    struct store_blobs *stored; /* NULL: no store is looked in */
};

static void fetching_release(struct fetching *fetching)
{
    shares_release(&fetching->shares);
    store_blobs_close(fetching->stored);
}

static int check_config(struct fetched *item)
{
    long long size = item->manifest.config.size;
    return size <= MANIFEST_MAX
               ? 0
               : err_set(&item->err, ERR_DAMAGED,
                         "the config blob has %lld bytes, and %d is the limit", size, MANIFEST_MAX);
}

/* Asks for the config, unless an image of the store that has the wasm's layer has it too. */
static void ask_for_config(struct fetching *fetching, struct fetched *item)
{
    const struct descriptor *config = &item->manifest.config;
    const struct descriptor *layer = &item->manifest.layers[item->form.layer];
    if (!fetching->stored ||
        !store_blobs_config(fetching->stored, layer, config, &item->config_blob))
        shares_ask(&fetching->shares, item, config, NULL);
}

static bool has_blob(const struct fetched *item, const struct digest *digest)
{
    return digest_equal(digest, &item->manifest.config.digest) ||
           fetched_find_layer(item, digest) < item->layer_count;
}

/* A layer with the bytes of another one, or of the config, is not asked for again. */
static int ask_for_layer(struct fetching *fetching, struct fetched *item, size_t number)
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
    if (!fetching->stored || !share_stored(fetching->stored, layer, file))
        shares_ask(&fetching->shares, item, layer, file);
    return 0;
}

/* Asks for the layer that may have the wasm. The config blob, which goes into memory, cannot be
 * it. */
static int ask_for_wasm(struct fetching *fetching, struct fetched *item)
{
    const struct digest *digest = &item->manifest.layers[item->form.layer].digest;
    int rc = ask_for_layer(fetching, item, item->form.layer);
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

static int ask_for_rest(struct fetching *fetching, struct fetched *item)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < item->manifest.layer_count; i++)
        if (lacks_layer(item, i))
            rc = ask_for_layer(fetching, item, i);
    return rc;
}

static void take_step(struct fetching *fetching, struct fetched *item, enum step *step)
{
    if (*step == STEP_CONFIG) {
        item->rc = check_config(item);
        if (!item->rc)
            item->rc = ask_for_wasm(fetching, item);
        if (!item->rc)
            ask_for_config(fetching, item);
        *step = STEP_WASM;
    } else if (*step == STEP_WASM) {
        if (extract_wasm(fetching->wish, item))
            *step = STEP_REST;
        else
            item->rc = ask_for_wasm(fetching, item);
    } else if (lacks_any(fetching, item)) {
        item->rc = ask_for_rest(fetching, item);
    } else {
        *step = STEP_DONE;
    }
}

/* Called when the item waits for nothing: goes on until it waits again, is there, or has failed. */
static void go_on(void *arg, struct fetched *item)
{
    struct fetching *fetching = arg;
    const struct fetch_wish *wish = fetching->wish;
    enum step *step = &fetching->steps[item - fetching->items];
    while (fetched_is_open(item) && !item->pending && *step != STEP_DONE)
        take_step(fetching, item, step);
    if (!item->rc && (item->present || *step == STEP_DONE) && wish->done)
        wish->done(wish->done_arg, item);
}

int fetch_images(const struct image_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE enum step *steps = mem_zero(count + 1, sizeof(*steps));
    AUTO_FREE struct resolving *resolving = mem_zero(count + 1, sizeof(*resolving));
    AUTO(registry_wants_release) struct registry_wants wants = {0};
    AUTO(fetching_release)
    struct fetching fetching = {wish, items, steps, {.wants = &wants, .done = go_on}, NULL};
    fetching.shares.arg = &fetching;
    if (wish->look_in)
        store_blobs_open(wish->look_in, &fetching.stored);
    for (size_t i = 0; i < count; i++) {
        fetched_begin(&items[i]);
        resolving[i] = (struct resolving){
            .wish = wish, .wants = &wants, .item = &items[i], .done = go_on, .arg = &fetching};
        resolve_begin(&resolving[i]);
    }
    return source->fetch(source->arg, &wants, err);
}
