#include "store/transit/fetch.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/pack.h"
#include "store/transit/round.h"

/* An index may name an index; deeper ones are nobody's. */
enum { INDEX_DEPTH_MAX = 3 };

/* A run: the items, and what is being asked for of some of them. */
struct run {
    const struct fetch_source *source;
    const struct fetch_wish *wish;
    struct fetched *items;
    size_t count;
    bool *done; /* of each item: its wasm is found, or cannot be */
};

void fetched_release(struct fetched *item)
{
    err_release(&item->err);
    ref_release(&item->child);
    free(item->choice);
    registry_manifest_release(&item->raw);
    manifest_release(&item->manifest);
    buf_release(&item->config_blob);
    store_file_end(item->wasm);
    unwrapped_release(&item->layer);
    whiteouts_release(&item->deleted);
    for (size_t i = 0; i < item->layer_count; i++)
        store_file_end(item->layers[i].file);
    free(item->layers);
}

static bool is_open(const struct fetched *item)
{
    return !item->rc && !item->present;
}

/* The manifests, and those of the images that indexes lead to. */

static int get_manifests(struct run *run, bool *wanted, struct err *err)
{
    AUTO_FREE struct registry_manifest_request *requests = mem_zero(run->count, sizeof(*requests));
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++)
        if (wanted[i])
            requests[count++].ref = fetched_ref(&run->items[i]);
    int rc = run->source->manifests(run->source->arg, requests, count, err);
    for (size_t i = 0, at = 0; i < run->count; i++) {
        struct fetched *item = &run->items[i];
        if (!wanted[i])
            continue;
        registry_manifest_release(&item->raw);
        item->raw = requests[at].manifest;
        int own = err_move(&item->err, &requests[at++].err);
        item->rc = rc ? rc : own;
    }
    return rc;
}

static int choose_child(const struct run *run, struct fetched *item, struct err *err)
{
    AUTO(index_release) struct image_index index = {0};
    AUTO(index_choice_release) struct index_choice choice = {0};
    int rc = index_parse(item->raw.data, item->raw.len, &index, err);
    if (!rc)
        rc = index_choose(&index, run->wish->platform, &choice, err);
    if (rc)
        return err_wrap(err, "index %s", item->raw.digest.text);
    const struct digest *digest = &index.children[choice.child].descriptor.digest;
    ref_release(&item->child);
    item->child = (struct ref){
        .registry = mem_dup(item->ref->registry),
        .repository = mem_dup(item->ref->repository),
        .digest = *digest,
        .full = mem_printf("%s/%s@%s", item->ref->registry, item->ref->repository, digest->text),
    };
    free(item->choice);
    item->choice = mem_printf("index %s: %s", item->raw.digest.text, choice.words);
    return 0;
}

static int resolve_indexes(struct run *run, struct err *err)
{
    AUTO_FREE bool *wanted = mem_zero(run->count + 1, sizeof(*wanted));
    size_t left = run->count;
    for (size_t i = 0; i < run->count; i++)
        wanted[i] = true;
    for (int depth = 0; left; depth++) {
        int rc = get_manifests(run, wanted, err);
        if (rc)
            return rc;
        left = 0;
        for (size_t i = 0; i < run->count; i++) {
            struct fetched *item = &run->items[i];
            wanted[i] = !item->rc && index_is_one(item->raw.data, item->raw.len);
            if (wanted[i] && depth == INDEX_DEPTH_MAX)
                item->rc = err_set(&item->err, ERR_UNSUPPORTED, "indexes of indexes of indexes");
            else if (wanted[i])
                item->rc = choose_child(run, item, &item->err);
            wanted[i] = wanted[i] && !item->rc;
            left += wanted[i];
        }
    }
    return 0;
}

/* What the store has. */

static bool is_whole(const struct store_image *image, const struct store_pack *pack)
{
    struct digest found;
    if (digest_of_fd(image->wasm, &found, NULL, ERR_IGNORED) != 0 ||
        !digest_equal(&found, &image->layer.digest))
        return false;
    for (size_t i = 0; i < pack->parsed.layer_count; i++)
        if (pack->layers[i] >= 0 &&
            (digest_of_fd(pack->layers[i], &found, NULL, ERR_IGNORED) != 0 ||
             !digest_equal(&found, &pack->parsed.layers[i].digest)))
            return false;
    return true;
}

static void look_in_store(const struct run *run, struct fetched *item)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    if (!run->wish->keep || store_get(run->wish->store, item->ref, &image, ERR_IGNORED) != 0 ||
        store_pack(&image, &pack, ERR_IGNORED) != 0 ||
        !digest_equal(&pack.digest, &item->raw.digest))
        return;
    item->present = is_whole(&image, &pack);
    item->wasm_digest = image.layer.digest;
    item->wasm_size = image.layer.size;
}

static int read_manifest(const struct run *run, struct fetched *item, struct err *err)
{
    int rc = manifest_parse(item->raw.data, item->raw.len, &item->manifest, err);
    if (!rc)
        rc = form_find(&item->manifest, &item->form, err);
    if (rc)
        return err_wrap(err, "manifest %s", item->raw.digest.text);
    look_in_store(run, item);
    if (item->present && run->wish->done)
        run->wish->done(run->wish->done_arg, item);
    return 0;
}

/* The blobs. */

static bool has_layer(const struct fetched *item, const struct digest *digest)
{
    for (size_t i = 0; i < item->layer_count; i++)
        if (digest_equal(&item->manifest.layers[item->layers[i].number].digest, digest))
            return true;
    return digest_equal(digest, &item->manifest.config.digest);
}

static int add_layer(const struct run *run, struct fetched *item, size_t number)
{
    const struct descriptor *layer = &item->manifest.layers[number];
    if (layer->size > run->wish->max_size)
        return err_set(&item->err, ERR_FAILED,
                       "layer %s has %lld bytes: larger than %lld, see --max-size",
                       layer->digest.text, layer->size, run->wish->max_size);
    if (has_layer(item, &layer->digest))
        return 0;
    struct store_file *file = NULL;
    int rc = store_file_begin(run->wish->store, &layer->digest, &file, &item->err);
    if (rc)
        return rc;
    item->layers = mem_resize(item->layers, item->layer_count + 1, sizeof(*item->layers));
    item->layers[item->layer_count++] = (struct fetched_layer){number, file};
    return 0;
}

static int check_config(struct fetched *item)
{
    long long size = item->manifest.config.size;
    if (size <= MANIFEST_MAX)
        return 0;
    return err_set(&item->err, ERR_DAMAGED, "the config blob has %lld bytes, and %d is the limit",
                   size, MANIFEST_MAX);
}

/* The wasm, out of its layer. */

/* Where the layer of that number is in item->layers; item->layer_count when it is not. */
static size_t find_layer(const struct fetched *item, size_t number)
{
    size_t at = 0;
    while (at < item->layer_count && item->layers[at].number != number)
        at++;
    return at;
}

/* The layer is the wasm: its file changes its role. */
static void take_raw(struct fetched *item, size_t at)
{
    const struct descriptor *layer = &item->manifest.layers[item->form.layer];
    item->wasm_digest = layer->digest;
    item->wasm_size = layer->size;
    store_file_end(item->wasm);
    item->wasm = item->layers[at].file;
    item->layers[at] = item->layers[--item->layer_count];
}

static int unwrap(const struct run *run, struct fetched *item)
{
    const char *shown = item->manifest.layers[item->form.layer].digest.text;
    enum wrapping wrapping = WRAP_RAW;
    size_t at = find_layer(item, item->form.layer);
    if (at == item->layer_count)
        return err_set(&item->err, ERR_UNSUPPORTED, "layer %s is not one of its own", shown);
    int fd = store_file_fd(item->layers[at].file);
    bool is_last_first = item->form.before_wasm;
    int rc = is_last_first ? 0 : unwrap_look(fd, shown, item->form.wrapping, &wrapping, &item->err);
    if (!rc && !is_last_first && wrapping == WRAP_RAW) {
        take_raw(item, at);
        return 0;
    }
    if (!rc && !item->wasm)
        rc = store_file_begin(run->wish->store, NULL, &item->wasm, &item->err);
    if (!rc)
        rc = unwrap_found(fd, shown, &item->form, store_file_fd(item->wasm), run->wish->max_size,
                          &item->deleted, &item->layer, &item->err);
    if (rc)
        return rc;
    item->wasm_digest = item->layer.digest;
    item->wasm_size = item->layer.size;
    return 0;
}

static bool lacks_layer(const struct fetched *item, size_t number)
{
    const struct digest *digest = &item->manifest.layers[number].digest;
    return !item->manifest.layers[number].elsewhere && !digest_equal(digest, &item->wasm_digest) &&
           !has_layer(item, digest);
}

static bool lacks_any(const struct run *run, const struct fetched *item)
{
    for (size_t i = 0; run->wish->whole && i < item->manifest.layer_count; i++)
        if (lacks_layer(item, i))
            return true;
    return false;
}

static void hand_over(const struct run *run, struct fetched *item)
{
    if (is_open(item) && run->wish->done && !lacks_any(run, item))
        run->wish->done(run->wish->done_arg, item);
}

/* The layer that may have the wasm is there. */
static void look_for_wasm(void *arg, struct fetched *item)
{
    struct run *run = arg;
    if (!is_open(item))
        return;
    item->rc = unwrap(run, item);
    if (item->rc == ERR_NOT_FOUND && form_lower_layer(&item->manifest, &item->form)) {
        item->rc = 0;
        err_release(&item->err);
        return;
    }
    run->done[item - run->items] = true;
    hand_over(run, item);
}

/* The layer that may have the wasm, and at first the config. */
static void ask_for_wasm(struct run *run, struct fetched *item, bool first, struct round *round)
{
    size_t before = item->layer_count;
    item->rc = first ? check_config(item) : 0;
    if (!item->rc && first)
        round_add(round, item, &item->manifest.config, NULL);
    /* A layer that is there by now had none: on to the next lower one. */
    while (!item->rc && item->layer_count == before) {
        item->rc = add_layer(run, item, item->form.layer);
        if (item->rc || first || item->layer_count > before)
            break;
        if (!form_lower_layer(&item->manifest, &item->form))
            item->rc = err_set(&item->err, ERR_UNSUPPORTED, "manifest %s: no layer has a wasm",
                               item->raw.digest.text);
    }
    if (!item->rc && item->layer_count > before)
        round_add(round, item, &item->manifest.layers[item->form.layer], item->layers[before].file);
}

/* Fetches the layers that may have it, from the last on, until it is found. */
static int find_wasm(struct run *run, struct err *err)
{
    for (bool first = true, more = true; more; first = false) {
        AUTO(round_release) struct round round = {.complete = look_for_wasm, .arg = run};
        for (size_t i = 0; i < run->count; i++)
            if (is_open(&run->items[i]) && !run->done[i])
                ask_for_wasm(run, &run->items[i], first, &round);
        more = round.want_count > 0;
        int rc = round_run(&round, run->source, err);
        if (rc)
            return rc;
    }
    return 0;
}

static void rest_is_there(void *arg, struct fetched *item)
{
    hand_over(arg, item);
}

/* All the layers that are not there yet. */
static int get_rest(struct run *run, struct err *err)
{
    AUTO(round_release) struct round round = {.complete = rest_is_there, .arg = run};
    for (size_t i = 0; i < run->count; i++) {
        struct fetched *item = &run->items[i];
        for (size_t k = 0; is_open(item) && k < item->manifest.layer_count; k++) {
            size_t before = item->layer_count;
            if (!lacks_layer(item, k))
                continue;
            item->rc = add_layer(run, item, k);
            if (!item->rc)
                round_add(&round, item, &item->manifest.layers[k], item->layers[before].file);
        }
    }
    return round_run(&round, run->source, err);
}

static int registry_manifests(void *arg, struct registry_manifest_request *requests, size_t count,
                              struct err *err)
{
    return registry_get_manifests(arg, requests, count, err);
}

static int registry_blobs(void *arg, struct registry_sink *sinks, size_t count, struct err *err)
{
    return registry_get_blobs(arg, sinks, count, err);
}

struct fetch_source fetch_from_registry(struct registry *registry)
{
    return (struct fetch_source){registry_manifests, registry_blobs, registry};
}

int fetch_images(const struct fetch_source *source, const struct fetch_wish *wish,
                 struct fetched *items, size_t count, struct err *err)
{
    AUTO_FREE bool *done = mem_zero(count + 1, sizeof(*done));
    struct run run = {source, wish, items, count, done};
    for (size_t i = 0; i < count; i++)
        buf_init(&items[i].config_blob, MANIFEST_MAX);
    int rc = resolve_indexes(&run, err);
    for (size_t i = 0; !rc && i < count; i++)
        if (!items[i].rc)
            items[i].rc = read_manifest(&run, &items[i], &items[i].err);
    if (!rc)
        rc = find_wasm(&run, err);
    if (!rc && wish->whole)
        rc = get_rest(&run, err);
    return rc;
}
