#include "image/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "image/annotation.h"
#include "image/media_type.h"

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct annotation *)a)->key, ((const struct annotation *)b)->key);
}

/* The annotations, each key once. */
static struct annotation *merge(const struct annotation *from, size_t count, size_t *merged)
{
    struct annotation *to = mem_zero(count, sizeof(*to));
    *merged = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < *merged && strcmp(to[at].key, from[i].key) != 0)
            at++;
        to[at] = from[i];
        if (at == *merged)
            ++*merged;
    }
    return to;
}

static void write_annotations(const struct annotation *from, size_t count, struct buf *out)
{
    if (!count)
        return;
    AUTO_FREE struct annotation *sorted = merge(from, count, &count);
    qsort(sorted, count, sizeof(*sorted), by_key);
    json_key(out, "annotations");
    json_begin_object(out);
    for (size_t i = 0; i < count; i++)
        json_put_pair(out, sorted[i].key, sorted[i].value);
    json_end_object(out);
}

void manifest_write(const struct manifest_parts *parts, struct buf *out)
{
    json_begin_object(out);
    json_key(out, "schemaVersion");
    json_put_int(out, 2);
    json_put_pair_if(out, "mediaType", parts->media_type);
    json_key(out, "config");
    descriptor_write(parts->config, out);
    json_key(out, "layers");
    json_begin_array(out);
    for (size_t i = 0; i < parts->layer_count; i++)
        descriptor_write(&parts->layers[i], out);
    json_end_array(out);
    write_annotations(parts->annotations, parts->annotation_count, out);
    json_end_object(out);
}

static void join(const struct text_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_add_char(out, ',');
        buf_add_text(out, list->items[i]);
    }
}

void manifest_write_oci(const struct manifest_oci_parts *parts, struct buf *out)
{
    const struct runtime_config *runtime = parts->runtime;
    size_t count = parts->more_count + 2;
    AUTO(buf_release) struct buf versions = BUF_INIT(RUNTIME_CONFIG_MAX);
    join(&runtime->abi_versions, &versions);
    AUTO_FREE struct annotation *all = mem_zero(count, sizeof(*all));
    all[0] = (struct annotation){ANNOTATION_ABI, buf_text(&versions)};
    all[1] = (struct annotation){ANNOTATION_TYPE, runtime->type ? runtime->type : ""};
    if (parts->more_count)
        memcpy(all + 2, parts->more, parts->more_count * sizeof(*all));
    const struct descriptor layers[] = {*parts->config, *parts->wasm};
    const struct manifest_parts written = {NULL, parts->config, layers, COUNT(layers), all, count};
    manifest_write(&written, out);
}

static int refuse_other_kinds(const struct json_t *doc, struct err *err)
{
    if (!json_is_obj(doc))
        return err_set(err, ERR_DAMAGED, "the manifest is not a JSON object");
    if (json_member_size(doc, "schemaVersion", 2) != 2)
        return err_set(err, ERR_UNSUPPORTED,
                       "the manifest's schemaVersion is not 2: push the image again with a "
                       "newer tool");
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

/* A media type or NULL into `out`. */
static int read_type(const struct json_t *doc, const char *key, char **out, struct err *err)
{
    const char *text = json_member_text(doc, key);
    if (text && !media_type_valid(text))
        return err_set(err, ERR_DAMAGED, "the manifest's %s is none", key);
    *out = text ? mem_dup(text) : NULL;
    return 0;
}

static int take_annotation(void *arg, const char *key, const struct json_t *value)
{
    struct manifest *manifest = arg;
    const char *text = json_text(value);
    if (!text) /* not a text: nobody reads it */
        return 0;
    struct annotation *grown = mem_resize(manifest->annotations, manifest->annotation_count + 1,
                                          sizeof(*manifest->annotations));
    grown[manifest->annotation_count++] = (struct annotation){mem_dup(key), mem_dup(text)};
    manifest->annotations = grown;
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
    if (!rc)
        rc = read_type(doc, "mediaType", &manifest.media_type, err);
    if (!rc)
        rc = read_type(doc, "artifactType", &manifest.artifact_type, err);
    if (rc)
        return rc;
    (void)json_each_member(json_member(doc, "annotations"), take_annotation, &manifest);
    *out = manifest;
    manifest = (struct manifest){0};
    return 0;
}

void manifest_release(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->layer_count; i++)
        descriptor_release(&manifest->layers[i]);
    free(manifest->layers);
    for (size_t i = 0; i < manifest->annotation_count; i++) {
        free((char *)manifest->annotations[i].key);
        free((char *)manifest->annotations[i].value);
    }
    free(manifest->annotations);
    descriptor_release(&manifest->config);
    free(manifest->media_type);
    free(manifest->artifact_type);
    *manifest = (struct manifest){0};
}

const char *manifest_annotation(const struct manifest *manifest, const char *key)
{
    for (size_t i = 0; i < manifest->annotation_count; i++) {
        if (strcmp(manifest->annotations[i].key, key) == 0)
            return manifest->annotations[i].value;
    }
    return NULL;
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
