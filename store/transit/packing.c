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

static int check_digest(const struct filter *filter, struct err *err)
{
    const struct descriptor *wasm = filter->wasm;
    struct digest found;
    int rc = digest_of_fd(filter->fd, &found, NULL, err);
    if (rc || digest_equal(&found, &wasm->digest))
        return rc;
    return err_set(err, ERR_DAMAGED,
                   "its filter.wasm is damaged: its digest is %s, not %s: build or pull it again",
                   found.text, wasm->digest.text);
}

int packing_make(const struct packing *packing, struct store *store, const struct filter *filter,
                 struct packed *out, struct err *err)
{
    int rc = check_digest(filter, err);
    return rc ? rc : packing_make_hashed(packing, store, filter, out, err);
}

int packing_make_hashed(const struct packing *packing, struct store *store,
                        const struct filter *filter, struct packed *out, struct err *err)
{
    AUTO(packed_release) struct packed packed = {0};
    enum image_form form = packing->options.form;
    int rc = 0;
    if (form == FORM_COMPAT || form == FORM_DOCKER)
        rc = store_file_begin(store, NULL, &packed.layer, err);
    if (!rc)
        rc = package_make(&packing->options, filter,
                          packed.layer ? store_file_fd(packed.layer) : -1, &packed.package, err);
    if (rc)
        return rc;
    *out = packed;
    packed = (struct packed){0};
    return 0;
}

struct bundle packed_bundle(struct packed *packed, int wasm_fd)
{
    const struct package *package = &packed->package;
    packed->blobs[0] = (struct bundle_blob){
        .descriptor = &package->config, .data = buf_text(&package->config_blob), .fd = -1};
    packed->blobs[1] =
        (struct bundle_blob){.descriptor = &package->layer,
                             .fd = package->wrapped ? store_file_fd(packed->layer) : wasm_fd};
    return (struct bundle){
        .manifest = buf_text(&package->manifest),
        .manifest_len = package->manifest.len,
        .media_type = package->media_type,
        .digest = package->digest,
        .blobs = packed->blobs,
        .blob_count = COUNT(packed->blobs),
    };
}

void packed_keep(struct packed *packed, struct store_parts *parts)
{
    const struct package *package = &packed->package;
    store_parts_keep(parts, buf_text(&package->manifest), package->manifest.len,
                     &package->config_blob, form_name(package->form));
    if (!package->wrapped)
        return;
    packed->kept = (struct store_layer){package->layer.digest, packed->layer};
    parts->layers = &packed->kept;
    parts->layer_count = 1;
}

void packed_release(struct packed *packed)
{
    package_release(&packed->package);
    store_file_end(packed->layer);
}
