#include "store/transit/packing.h"

#include <stdlib.h>

#include "base/mem.h"

void packing_release(struct packing *packing)
{
    for (size_t i = 0; i < 2 * packing->count; i++)
        free(packing->texts[i]);
    free(packing->texts);
    free(packing->annotations);
    *packing = (struct packing){0};
}

int packing_make(const struct packing *packing, struct store *store, const struct descriptor *wasm,
                 int wasm_fd, const char *runtime, size_t runtime_len, struct packed *out,
                 struct err *err)
{
    AUTO(packed_release) struct packed packed = {0};
    enum image_form form = packing->options.form;
    struct digest found;
    int rc = digest_of_fd(wasm_fd, &found, NULL, err);
    if (!rc && !digest_equal(&found, &wasm->digest))
        rc = err_set(err, ERR_DAMAGED,
                     "its filter.wasm is damaged: its digest is %s, not %s: build or pull it again",
                     found.text, wasm->digest.text);
    if (rc)
        return rc;
    if (form == FORM_COMPAT || form == FORM_DOCKER)
        rc = store_file_begin(store, NULL, &packed.layer, err);
    if (!rc)
        rc = package_make(&packing->options, wasm, wasm_fd, runtime, runtime_len,
                          packed.layer ? store_file_fd(packed.layer) : -1, &packed.package, err);
    if (rc)
        return rc;
    *out = packed;
    packed = (struct packed){0};
    return 0;
}

void packed_keep(struct packed *packed, struct store_parts *parts)
{
    const struct package *package = &packed->package;
    parts->manifest = buf_text(&package->manifest);
    parts->manifest_len = package->manifest.len;
    if (package->form != FORM_OCI) {
        parts->config_blob = buf_text(&package->config_blob);
        parts->config_blob_len = package->config_blob.len;
    }
    parts->form = form_name(package->form);
    if (!package->wrapped)
        return;
    packed->slot = (struct store_layer){package->layer.digest, packed->layer};
    parts->layers = &packed->slot;
    parts->layer_count = 1;
}

void packed_release(struct packed *packed)
{
    package_release(&packed->package);
    store_file_end(packed->layer);
}
