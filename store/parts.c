#include "store/parts.h"

#include <string.h>

struct store_parts store_parts_of(const struct filter *filter, struct store_file *wasm)
{
    return (struct store_parts){
        .layer = *filter->wasm,
        .wasm = wasm,
        .runtime_config = filter->runtime,
        .runtime_config_len = filter->runtime_len,
    };
}

void store_parts_keep(struct store_parts *parts, const struct bundle *bundle, const char *form)
{
    const struct bundle_blob *config = &bundle->blobs[0];
    size_t len = (size_t)config->descriptor->size;
    bool same =
        len == parts->runtime_config_len && memcmp(config->data, parts->runtime_config, len) == 0;
    parts->manifest = bundle->manifest;
    parts->manifest_len = bundle->manifest_len;
    parts->config_blob = same ? NULL : config->data;
    parts->config_blob_len = len;
    parts->form = form;
}
