#include "store/pack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "image/media_type.h"
#include "image/runtime_config.h"
#include "store/layout.h"

static void pack_init(struct store_pack *pack)
{
    *pack = (struct store_pack){0};
    buf_init(&pack->manifest, MANIFEST_MAX);
    buf_init(&pack->config, MANIFEST_MAX);
}

void store_pack_release(struct store_pack *pack)
{
    for (size_t i = 0; pack->layers && i < pack->parsed.layer_count; i++)
        mem_close_at(&pack->layers[i]);
    free(pack->layers);
    free(pack->form);
    buf_release(&pack->manifest);
    buf_release(&pack->config);
    manifest_release(&pack->parsed);
}

static int finish(struct store_pack *pack, struct err *err)
{
    if (buf_overflowed(&pack->manifest))
        return err_set(err, ERR_FAILED, "the manifest is larger than %d bytes, the limit",
                       MANIFEST_MAX);
    int rc = manifest_parse(buf_text(&pack->manifest), pack->manifest.len, &pack->parsed, err);
    digest_of(pack->manifest.data, pack->manifest.len, &pack->digest);
    return rc;
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
    digest_of(pack.config.data, pack.config.len, &digest);
    AUTO(descriptor_release) struct descriptor config = {0};
    descriptor_init(&config, MEDIA_WASM_CONFIG, &digest, (long long)pack.config.len, TITLE_CONFIG);
    const struct manifest_oci_parts parts = {.config = &config, .wasm = layer, .runtime = &runtime};
    manifest_write_oci(&parts, &pack.manifest);
    rc = finish(&pack, err);
    if (rc)
        return rc;
    *out = pack;
    pack_init(&pack);
    return 0;
}

/* Reads form.json. False when the kept image has another wasm or runtime config than are there
 * now. */
static bool read_form(struct store_pack *pack, const struct store_image *image)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    struct digest config;
    if (!image->form.len ||
        json_doc_parse(image->form.data, image->form.len, &doc, ERR_IGNORED) != 0)
        return false;
    digest_of(buf_text(&image->runtime_config), image->runtime_config.len, &config);
    const char *wasm = json_member_text(doc, "wasm");
    const char *runtime = json_member_text(doc, "runtimeConfig");
    const char *form = json_member_text(doc, "form");
    pack->form = form ? mem_dup(form) : NULL;
    return wasm && strcmp(wasm, image->layer.digest.text) == 0 && runtime &&
           strcmp(runtime, config.text) == 0;
}

/* Opens a layer that was kept as it came; -1 when it is not there or has another size. */
static int open_layer(const struct store_image *image, const struct descriptor *layer)
{
    AUTO_FREE char *name = mem_printf("%s%s", STORE_BLOB_PREFIX, digest_hex(&layer->digest));
    AUTO_CLOSE int fd = -1;
    struct stat info;
    if (store_open_part(image, name, &fd, ERR_IGNORED) != 0 || fstat(fd, &info) != 0 ||
        info.st_size != layer->size)
        return -1;
    return STEAL_FD(fd);
}

/* Opens the layers that the manifest names: each is the config blob, the wasm, or a file of its
 * own. False when the folder does not hold all of them. */
static bool open_layers(struct store_pack *pack, const struct store_image *image, bool *has_wasm)
{
    size_t count = pack->parsed.layer_count;
    pack->layers = mem_alloc((count + 1) * sizeof(*pack->layers));
    for (size_t i = 0; i < count; i++)
        pack->layers[i] = -1;
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *layer = &pack->parsed.layers[i];
        bool is_wasm = digest_equal(&layer->digest, &image->layer.digest);
        *has_wasm = *has_wasm || is_wasm;
        if (is_wasm && layer->size != image->layer.size)
            return false;
        if (!is_wasm && layer->elsewhere)
            continue;
        if (!is_wasm && digest_equal(&layer->digest, &pack->parsed.config.digest)) {
            if (layer->size != (long long)pack->config.len)
                return false;
            continue;
        }
        pack->layers[i] =
            is_wasm ? fcntl(image->wasm, F_DUPFD_CLOEXEC, 0) : open_layer(image, layer);
        if (pack->layers[i] < 0)
            return false;
    }
    return true;
}

/* Opens the files of the kept manifest. False when it does not name exactly what the folder
 * holds. */
static bool open_kept(struct store_pack *pack, const struct store_image *image)
{
    struct digest config;
    bool has_wasm = false;
    digest_of(buf_text(&pack->config), pack->config.len, &config);
    if (!digest_equal(&config, &pack->parsed.config.digest) ||
        pack->parsed.config.size != (long long)pack->config.len)
        return false;
    if (!open_layers(pack, image, &has_wasm))
        return false;
    return image->form.len ? read_form(pack, image) : has_wasm;
}

static bool take_kept(const struct store_image *image, struct store_pack *pack)
{
    const struct buf *config =
        image->config_blob.len ? &image->config_blob : &image->runtime_config;
    buf_add(&pack->manifest, image->manifest.data, image->manifest.len);
    buf_add(&pack->config, config->data, config->len);
    return image->manifest.len && finish(pack, ERR_IGNORED) == 0 && open_kept(pack, image);
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
    AUTO(store_pack_release) struct store_pack made = {0};
    bool unused = false;
    int rc = store_pack_make(&image->layer, buf_text(&image->runtime_config),
                             image->runtime_config.len, &made, err);
    if (rc)
        return err_wrap(err, "%s", image->dir);
    if (!open_layers(&made, image, &unused))
        return err_errno(err, "%s: open its wasm", image->dir);
    *out = made;
    pack_init(&made);
    return 0;
}

const char *store_pack_media_type(const struct store_pack *pack)
{
    return pack->parsed.media_type ? pack->parsed.media_type : MEDIA_OCI_MANIFEST;
}

bool store_manifest_digest(struct store *store, const struct ref *ref, struct digest *out)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    if (store_get(store, ref, &image, ERR_IGNORED) != 0 ||
        store_pack(&image, &pack, ERR_IGNORED) != 0)
        return false;
    *out = pack.digest;
    return true;
}

static bool is_whole(const struct store_image *image, const struct store_pack *pack)
{
    struct digest found;
    if (digest_of_fd(image->wasm, &found, NULL, ERR_IGNORED) != 0 ||
        !digest_equal(&found, &image->layer.digest))
        return false;
    for (size_t i = 0; i < pack->parsed.layer_count; i++)
        if (pack->layers[i] >= 0 &&
            (digest_of_fd(pack->layers[i], &found, NULL, ERR_IGNORED) != 0 ||
             !digest_equal(&found, &pack->parsed.layers[i].digest)))
            return false;
    return true;
}

bool store_holds(struct store *store, const struct ref *ref, const struct digest *manifest,
                 struct digest *wasm, long long *size)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    if (store_get(store, ref, &image, ERR_IGNORED) != 0 ||
        store_pack(&image, &pack, ERR_IGNORED) != 0 || !digest_equal(&pack.digest, manifest) ||
        !is_whole(&image, &pack))
        return false;
    *wasm = image.layer.digest;
    *size = image.layer.size;
    return true;
}
