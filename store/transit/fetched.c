#include "store/transit/fetched.h"

#include <stdlib.h>

#include "image/manifest.h"

void fetched_begin(struct fetched *item)
{
    buf_init(&item->config_blob, MANIFEST_MAX);
}

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

const struct ref *fetched_ref(const struct fetched *item)
{
    return item->child.full ? &item->child : item->ref;
}

const struct ref *fetched_to(const struct fetched *item)
{
    return item->to ? item->to : item->ref;
}

bool fetched_is_open(const struct fetched *item)
{
    return !item->rc && !item->present;
}

size_t fetched_find_layer(const struct fetched *item, const struct digest *digest)
{
    size_t at = 0;
    while (at < item->layer_count &&
           !digest_equal(&item->manifest.layers[item->layers[at].number].digest, digest))
        at++;
    return at;
}
