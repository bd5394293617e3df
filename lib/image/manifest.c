#include "image/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "image/media_type.h"

#define ANNOTATION_ABI "module.wasm.runtime/abi_version"
#define ANNOTATION_TYPE "module.wasm.runtime/type"

static void write_abi_annotation(const struct text_list *versions, struct buf *out)
{
    struct buf joined = BUF_INIT(RUNTIME_CONFIG_MAX);
    for (size_t i = 0; i < versions->count; i++) {
        if (i)
            buf_add_char(&joined, ',');
        buf_add_text(&joined, versions->items[i]);
    }
    json_put_pair(out, ANNOTATION_ABI, buf_text(&joined));
    buf_release(&joined);
}

void manifest_write_oci(const struct descriptor *config, const struct descriptor *wasm,
                        const struct runtime_config *runtime, struct buf *out)
{
    json_begin_object(out);
    json_key(out, "schemaVersion");
    json_put_int(out, 2);
    json_key(out, "config");
    descriptor_write(config, out);
    json_key(out, "layers");
    json_begin_array(out);
    descriptor_write(config, out);
    descriptor_write(wasm, out);
    json_end_array(out);
    json_key(out, "annotations");
    json_begin_object(out);
    write_abi_annotation(&runtime->abi_versions, out);
    json_put_pair(out, ANNOTATION_TYPE, runtime->type ? runtime->type : "");
    json_end_object(out);
    json_end_object(out);
}

static int refuse_other_kinds(const struct json_t *doc, struct err *err)
{
    if (!json_is_obj(doc))
        return err_set(err, ERR_DAMAGED, "the manifest is not a JSON object");
    if (json_member_size(doc, "schemaVersion", 2) != 2)
        return err_set(err, ERR_UNSUPPORTED,
                       "the manifest's schemaVersion is not 2: push the image again with a tool of "
                       "this decade");
    if (json_member(doc, "manifests"))
        return err_set(err, ERR_UNSUPPORTED,
                       "this is an index of images, not an image: name one of them by its digest");
    if (!json_member(doc, "config") || !json_is_arr(json_member(doc, "layers")))
        return err_set(err, ERR_DAMAGED, "the manifest has no config or no layers");
    return 0;
}

static int read_layers(const struct json_t *layers, struct manifest *manifest, struct err *err)
{
    size_t count = json_arr_len(layers);
    if (count > MANIFEST_LAYERS_MAX)
        return err_set(err, ERR_DAMAGED, "the manifest has %zu layers, and %d is the limit", count,
                       MANIFEST_LAYERS_MAX);
    manifest->layers = mem_zero(count, sizeof(*manifest->layers));
    for (size_t i = 0; i < count; i++) {
        int rc = descriptor_read(json_arr_at(layers, i), &manifest->layers[i], err);
        if (rc)
            return err_wrap(err, "the manifest's layer %zu", i + 1);
        manifest->layer_count = i + 1;
    }
    return 0;
}

int manifest_parse(const char *text, size_t len, struct manifest *out, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    int rc = json_doc_parse(text, len, &doc, err);
    if (rc)
        return err_wrap(err, "the manifest");
    rc = refuse_other_kinds(doc, err);
    if (rc)
        return rc;
    AUTO(manifest_release) struct manifest manifest = {0};
    rc = descriptor_read(json_member(doc, "config"), &manifest.config, err);
    if (rc)
        return err_wrap(err, "the manifest's config");
    rc = read_layers(json_member(doc, "layers"), &manifest, err);
    if (rc)
        return rc;
    const char *media_type = json_member_text(doc, "mediaType");
    if (media_type && !media_type_valid(media_type))
        return err_set(err, ERR_DAMAGED, "the manifest's mediaType is none");
    manifest.media_type = media_type ? mem_dup(media_type) : NULL;
    *out = manifest;
    manifest = (struct manifest){0};
    return 0;
}

void manifest_release(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->layer_count; i++)
        descriptor_release(&manifest->layers[i]);
    free(manifest->layers);
    descriptor_release(&manifest->config);
    free(manifest->media_type);
    *manifest = (struct manifest){0};
}

const struct descriptor *manifest_wasm_layer(const struct manifest *manifest)
{
    const struct descriptor *found = NULL;
    for (size_t i = 0; i < manifest->layer_count; i++) {
        if (strcmp(manifest->layers[i].media_type, MEDIA_WASM_LAYER) == 0)
            found = &manifest->layers[i];
    }
    return found;
}
