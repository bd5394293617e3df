#include "store/transit/keep.h"

#include <stdlib.h>

#include "base/mem.h"
#include "image/media_type.h"
#include "store/pack.h"
#include "store/transit/arrival.h"

/* Writes the runtime config that the image brings, in its config blob or its layer; otherwise the
 * one made from the module. */
static int settle_config(const struct fetched *item, const struct arrival *arrival,
                         const struct notice *notice, struct buf *out, struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config config = {0};
    const struct buf *text = item->form.has_runtime    ? &item->config_blob
                             : item->layer.has_runtime ? &item->layer.runtime_config
                                                       : NULL;
    int rc = text ? runtime_config_parse(buf_text(text), text->len, &config, err) : ERR_NOT_FOUND;
    if (rc == 0) {
        runtime_config_write(&config, out);
        if (buf_overflowed(out))
            return err_set(err, ERR_DAMAGED, "the runtime config is larger than %d bytes",
                           RUNTIME_CONFIG_MAX);
        return 0;
    }
    if (text) {
        notice_say(notice, NOTICE_WARNING,
                   "the image's config is no runtime config (%s): making one from the module",
                   err_text(err));
        err_release(err);
    }
    arrival_make_config(arrival, out);
    return 0;
}

/* Whether a push would make this very manifest anyway: then the four files are the whole image. */
static bool is_made_again(const struct fetched *item, const struct descriptor *layer,
                          const struct buf *config)
{
    AUTO(store_pack_release) struct store_pack pack = {0};
    return item->form.form == FORM_OCI &&
           store_pack_make(layer, buf_text(config), config->len, &pack, ERR_IGNORED) == 0 &&
           digest_equal(&pack.digest, &item->raw.digest);
}

/* Adds the manifest as it came, with all that it names. */
static void keep_image(const struct fetched *item, struct store_layer *layers,
                       struct store_parts *parts)
{
    for (size_t i = 0; i < item->layer_count; i++)
        layers[i] = (struct store_layer){item->manifest.layers[item->layers[i].number].digest,
                                         item->layers[i].file};
    store_parts_keep(parts, item->raw.data, item->raw.len, &item->config_blob,
                     form_name(item->form.form));
    parts->layers = layers;
    parts->layer_count = item->layer_count;
}

void keeping_release(struct keeping *keeping)
{
    descriptor_release(&keeping->layer);
    buf_release(&keeping->config);
    free(keeping->layers);
}

int keep_prepare(const struct fetched *item, const char *shown, const struct notice *notice,
                 struct keeping *out, struct err *err)
{
    AUTO(arrival_release) struct arrival arrival = {0};
    *out = (struct keeping){.config = BUF_INIT(RUNTIME_CONFIG_MAX),
                            .layers = mem_zero(item->layer_count + 1, sizeof(*out->layers))};
    /* A wasm that cannot be read is kept all the same: its bytes are the ones that were pushed. */
    if (arrival_read(store_file_fd(item->wasm), shown, notice, &arrival, err) != 0)
        notice_say(notice, NOTICE_WARNING, "%s", err_text(err));
    err_release(err);
    int rc = settle_config(item, &arrival, notice, &out->config, err);
    if (rc)
        return rc;
    const struct descriptor *from = &item->manifest.layers[item->form.layer];
    bool raw = digest_equal(&from->digest, &item->wasm_digest);
    descriptor_init(&out->layer, raw ? from->media_type : MEDIA_WASM_LAYER, &item->wasm_digest,
                    item->wasm_size, TITLE_WASM);
    const struct filter filter = {&out->layer, -1, buf_text(&out->config), out->config.len};
    out->parts = store_parts_of(&filter, item->wasm);
    if (!is_made_again(item, &out->layer, &out->config))
        keep_image(item, out->layers, &out->parts);
    return 0;
}

int keep_fetched(struct store *store, const struct fetched *item, const struct ref *ref,
                 const struct notice *notice, struct err *err)
{
    AUTO(keeping_release) struct keeping keeping;
    int rc = keep_prepare(item, ref->full, notice, &keeping, err);
    return rc ? rc : store_commit(store, ref, &keeping.parts, err);
}

void keep_tell_form(const struct fetched *item, const struct notice *notice)
{
    if (item->choice)
        notice_say(notice, NOTICE_INFO, "%s", item->choice);
    if (item->layer.note)
        notice_say(notice, NOTICE_WARNING, "%s", item->layer.note);
    if (item->form.form == FORM_OCI)
        return;
    if (item->layer.entry)
        notice_say(notice, NOTICE_INFO, "Format: %s (%s in a %s layer)", form_name(item->form.form),
                   item->layer.entry, wrapping_name(item->layer.wrapping));
    else
        notice_say(notice, NOTICE_INFO, "Format: %s (%s layer)", form_name(item->form.form),
                   item->manifest.layers[item->form.layer].media_type);
}
