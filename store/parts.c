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

void store_parts_keep(struct store_parts *parts, const char *manifest, size_t manifest_len,
                      const struct buf *config, const char *form)
{
    bool same = config->len == parts->runtime_config_len &&
                memcmp(buf_text(config), parts->runtime_config, config->len) == 0;
    parts->manifest = manifest;
    parts->manifest_len = manifest_len;
    parts->config_blob = same ? NULL : buf_text(config);
    parts->config_blob_len = config->len;
    parts->form = form;
}
