#include "store/transit/outgoing.h"

#include <stdlib.h>

#include "base/mem.h"

void outgoing_release(struct outgoing *out)
{
    store_pack_release(&out->pack);
    packed_release(&out->packed);
    free(out->blobs);
    free(out->note);
}

/* Whether the stored image has the form that was asked for, and no annotation was. */
static bool is_asked_form(const struct store_pack *pack, const struct packing *packing)
{
    struct form_found found;
    return packing->count == 0 && form_find(&pack->parsed, &found, ERR_IGNORED) == 0 &&
           found.form == packing->options.form;
}

/* Keeps the form of the stored image, where the user named only annotations and wasme makes that
 * form. */
static void keep_form(const struct store_pack *pack, struct packing *packing)
{
    struct form_found found;
    if (!packing->form_given && form_find(&pack->parsed, &found, ERR_IGNORED) == 0 &&
        form_parse(form_name(found.form), &found.form, ERR_IGNORED) == 0)
        packing->options.form = found.form;
}

/* Lists the blobs of the stored image: the config's bytes, and the files of the layers. */
static void list_pack(struct outgoing *out)
{
    const struct store_pack *pack = &out->pack;
    const struct manifest *manifest = &pack->parsed;
    size_t count = 0;
    out->blobs = mem_zero(manifest->layer_count + 1, sizeof(*out->blobs));
    out->blobs[count++] = (struct bundle_blob){
        .descriptor = &manifest->config, .data = buf_text(&pack->config), .fd = -1};
    for (size_t i = 0; i < manifest->layer_count; i++) {
        int fd = pack->layers[i];
        if (fd < 0 && manifest->layers[i].elsewhere)
            continue;
        out->blobs[count++] = (struct bundle_blob){.descriptor = &manifest->layers[i],
                                                   .data = fd < 0 ? buf_text(&pack->config) : NULL,
                                                   .fd = fd};
    }
    out->bundle = (struct bundle){
        .manifest = buf_text(&pack->manifest),
        .manifest_len = pack->manifest.len,
        .media_type = store_pack_media_type(pack),
        .digest = pack->digest,
        .blobs = out->blobs,
        .blob_count = count,
    };
}

int outgoing_prepare(const struct packing *wanted, struct store *store,
                     const struct store_image *image, struct outgoing *out, struct err *err)
{
    struct packing packing = *wanted; /* the texts stay the caller's */
    out->image = image;
    int rc = store_pack(image, &out->pack, err);
    if (rc)
        return rc;
    if (image->manifest.len && !out->pack.kept)
        out->note = mem_printf("%s: its kept manifest names other files than those in %s: "
                               "the manifest is made anew, and has another digest",
                               image->ref, image->dir);
    if (!packing.asked || is_asked_form(&out->pack, &packing)) {
        list_pack(out);
        return 0;
    }
    keep_form(&out->pack, &packing);
    const struct filter filter = store_image_filter(image);
    rc = packing_make(&packing, store, &filter, &out->packed, err);
    if (!rc)
        out->bundle = packed_bundle(&out->packed, image->wasm);
    return rc;
}

/* A layer that was sent had another digest than its descriptor says: blames the stored wasm when
 * its digest is wrong. */
static int blame_store(const struct store_image *image, struct err *err)
{
    struct digest digest;
    if (digest_of_fd(image->wasm, &digest, NULL, ERR_IGNORED) != 0 ||
        digest_equal(&digest, &image->layer.digest))
        return ERR_DAMAGED;
    return err_set(err, ERR_DAMAGED,
                   "%s/filter.wasm is damaged: its digest is %s, not %s: build or pull it again",
                   image->dir, digest.text, image->layer.digest.text);
}

int outgoing_push(const struct outgoing *out, struct registry *registry, const struct ref *ref,
                  bool *unchanged, struct err *err)
{
    int rc = registry_push(registry, ref, &out->bundle, unchanged, err);
    return rc == ERR_DAMAGED ? blame_store(out->image, err) : rc;
}
