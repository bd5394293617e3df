#include "store/pack.h"

#include "base/mem.h"
#include "image/media_type.h"
#include "image/runtime_config.h"

static void pack_init(struct store_pack *pack)
{
    *pack = (struct store_pack){0};
    buf_init(&pack->manifest, MANIFEST_MAX);
    buf_init(&pack->config, MANIFEST_MAX);
}

void store_pack_release(struct store_pack *pack)
{
    buf_release(&pack->manifest);
    buf_release(&pack->config);
    manifest_release(&pack->parsed);
}

static int finish(struct store_pack *pack, struct err *err)
{
    if (buf_overflowed(&pack->manifest))
        return err_set(err, ERR_FAILED, "the manifest is larger than %d bytes", MANIFEST_MAX);
    int rc = manifest_parse(buf_text(&pack->manifest), pack->manifest.len, &pack->parsed, err);
    return rc ? rc : digest_of(pack->manifest.data, pack->manifest.len, &pack->digest, err);
}

int store_pack_make(const struct descriptor *layer, const char *runtime_config, size_t len,
                    struct store_pack *out, struct err *err)
{
    AUTO(runtime_config_release) struct runtime_config runtime = {0};
    int rc = runtime_config_parse(runtime_config, len, &runtime, err);
    if (rc)
        return err_wrap(err, "%s", TITLE_CONFIG);
    AUTO(store_pack_release) struct store_pack pack;
    pack_init(&pack);
    runtime_config_write(&runtime, &pack.config);
    struct digest digest;
    rc = digest_of(pack.config.data, pack.config.len, &digest, err);
    if (rc)
        return rc;
    AUTO(descriptor_release) struct descriptor config = {0};
    descriptor_init(&config, MEDIA_WASM_CONFIG, &digest, (long long)pack.config.len, TITLE_CONFIG);
    manifest_write_oci(&config, layer, &runtime, &pack.manifest);
    rc = finish(&pack, err);
    if (rc)
        return rc;
    *out = pack;
    pack_init(&pack);
    return 0;
}

/* Whether the kept manifest names exactly what the folder holds: every blob that it refers to is
 * the config blob or the wasm. */
static bool fits(const struct store_pack *pack, const struct store_image *image)
{
    struct digest config;
    if (digest_of(buf_text(&pack->config), pack->config.len, &config, NULL) != 0 ||
        !digest_equal(&config, &pack->parsed.config.digest))
        return false;
    bool has_wasm = false;
    for (size_t i = 0; i < pack->parsed.layer_count; i++) {
        const struct digest *layer = &pack->parsed.layers[i].digest;
        bool is_wasm = digest_equal(layer, &image->layer.digest);
        has_wasm = has_wasm || is_wasm;
        if (!is_wasm && !digest_equal(layer, &config))
            return false;
    }
    return has_wasm;
}

static bool take_kept(const struct store_image *image, struct store_pack *pack)
{
    const struct buf *config =
        image->config_blob.len ? &image->config_blob : &image->runtime_config;
    buf_add(&pack->manifest, image->manifest.data, image->manifest.len);
    buf_add(&pack->config, config->data, config->len);
    return image->manifest.len && finish(pack, NULL) == 0 && fits(pack, image);
}

int store_pack(const struct store_image *image, struct store_pack *out, struct err *err)
{
    AUTO(store_pack_release) struct store_pack kept;
    pack_init(&kept);
    if (take_kept(image, &kept)) {
        kept.kept = true;
        *out = kept;
        pack_init(&kept);
        return 0;
    }
    int rc = store_pack_make(&image->layer, buf_text(&image->runtime_config),
                             image->runtime_config.len, out, err);
    return rc ? err_wrap(err, "%s", image->dir) : 0;
}

const char *store_pack_media_type(const struct store_pack *pack)
{
    return pack->parsed.media_type ? pack->parsed.media_type : MEDIA_OCI_MANIFEST;
}
