#include "store/transit/clone.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"

/* Copies a file of another store, and checks that the copy has the digest. */
static int clone_file(struct store *to, int from, const struct digest *digest,
                      struct store_file **out, struct err *err)
{
    struct digest found;
    int rc = store_file_begin(to, NULL, out, err);
    if (!rc)
        rc = file_copy(from, store_file_fd(*out), err);
    if (!rc)
        rc = digest_of_fd(store_file_fd(*out), &found, NULL, err);
    if (!rc && !digest_equal(&found, digest))
        rc = err_set(err, ERR_DAMAGED,
                     "the stored image is damaged: %s hashes to %s: build or pull it again",
                     digest->text, found.text);
    return rc;
}

/* Files for the image in the other store. */
struct clones {
    struct store_file *wasm;
    struct store_layer *layers;
    size_t count;
};

static void clones_release(struct clones *clones)
{
    store_file_end(clones->wasm);
    for (size_t i = 0; i < clones->count; i++)
        store_file_end(clones->layers[i].file);
    free(clones->layers);
}

static int clone_layers(struct store *to, const struct store_image *image,
                        const struct store_pack *pack, struct clones *out, struct err *err)
{
    out->layers = mem_zero(pack->parsed.layer_count + 1, sizeof(*out->layers));
    int rc = 0;
    for (size_t i = 0; !rc && i < pack->parsed.layer_count; i++) {
        const struct digest *digest = &pack->parsed.layers[i].digest;
        if (pack->layers[i] < 0 || digest_equal(digest, &image->layer.digest))
            continue;
        struct store_layer *layer = &out->layers[out->count];
        *layer = (struct store_layer){.digest = *digest};
        rc = clone_file(to, pack->layers[i], digest, &layer->file, err);
        out->count += layer->file != NULL;
    }
    return rc;
}

int clone_image(struct store *to, const struct ref *ref, const struct store_image *image,
                const struct store_pack *pack, struct err *err)
{
    AUTO(clones_release) struct clones clones = {0};
    int rc = clone_file(to, image->wasm, &image->layer.digest, &clones.wasm, err);
    if (!rc)
        rc = clone_layers(to, image, pack, &clones, err);
    if (rc)
        return rc;
    const struct filter filter = store_image_filter(image);
    struct store_parts parts = store_parts_of(&filter, clones.wasm);
    if (pack->kept)
        store_parts_keep(&parts, image->manifest.data, image->manifest.len, &pack->config,
                         image->form.len ? pack->form : NULL);
    parts.layers = clones.layers;
    parts.layer_count = clones.count;
    return store_commit(to, ref, &parts, err);
}
