#include "store/transit/extract.h"

#include "image/manifest.h"

/* The layer is the wasm: its file becomes that of the wasm. */
static void take_raw(struct fetched *item, size_t at)
{
    const struct descriptor *layer = &item->manifest.layers[item->form.layer];
    item->wasm_digest = layer->digest;
    item->wasm_size = layer->size;
    store_file_end(item->wasm);
    item->wasm = item->layers[at].file;
    item->layers[at] = item->layers[--item->layer_count];
}

static int unwrap(const struct fetch_wish *wish, struct fetched *item, size_t at)
{
    const char *shown = item->manifest.layers[item->form.layer].digest.text;
    enum wrapping wrapping = WRAP_RAW;
    int fd = store_file_fd(item->layers[at].file);
    bool is_last_first = item->form.before_wasm;
    int rc =
        is_last_first ? 0 : wrapping_look(fd, shown, item->form.wrapping, &wrapping, &item->err);
    if (!rc && !is_last_first && wrapping == WRAP_RAW) {
        take_raw(item, at);
        return 0;
    }
    if (!rc && !item->wasm)
        rc = store_file_begin(wish->store, NULL, &item->wasm, &item->err);
    if (rc)
        return rc;
    const struct unwrap_request request = {
        .layer = fd,
        .shown = shown,
        .declared = item->form.wrapping,
        .wasm = store_file_fd(item->wasm),
        .max = wish->max_size,
        .by_rule = is_last_first,
        .deleted = &item->deleted,
    };
    rc = unwrap_wasm(&request, &item->layer, &item->err);
    if (rc)
        return rc;
    item->wasm_digest = item->layer.digest;
    item->wasm_size = item->layer.size;
    return 0;
}

/* Whether a layer above the form's has the same bytes, in which there was no wasm. */
static bool was_looked_at(const struct fetched *item)
{
    const struct descriptor *layers = item->manifest.layers;
    for (size_t i = item->form.layer + 1; i < item->manifest.layer_count; i++)
        if (digest_equal(&layers[i].digest, &layers[item->form.layer].digest))
            return true;
    return false;
}

static bool go_lower(struct fetched *item)
{
    do {
        if (!form_go_lower(&item->manifest, &item->form))
            return false;
    } while (was_looked_at(item));
    return true;
}

bool extract_wasm(const struct fetch_wish *wish, struct fetched *item)
{
    for (;;) {
        const struct descriptor *layer = &item->manifest.layers[item->form.layer];
        size_t at = fetched_find_layer(item, &layer->digest);
        if (at == item->layer_count)
            return false;
        item->rc = unwrap(wish, item, at);
        if (item->rc != ERR_NOT_FOUND || !go_lower(item))
            return true;
        item->rc = 0;
        err_release(&item->err);
    }
}
