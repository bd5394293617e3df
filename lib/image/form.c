#include "image/form.h"

#include <string.h>

#include "base/mem.h"
#include "image/annotation.h"
#include "image/media_type.h"

enum {
    LISTED_MAX = 6, /* layers that an error lists */
    NAMES_MAX = 200,
};

static const char *const form_names[FORM_COUNT] = {
    [FORM_OCI] = "oci",     [FORM_COMPAT] = "compat", [FORM_DOCKER] = "docker",
    [FORM_CNCF] = "cncf",   [FORM_PLUGIN] = "plugin", [FORM_WASM] = "wasm",
    [FORM_IMAGE] = "image",
};

const char *form_name(enum image_form form)
{
    return form_names[form];
}

const char *form_written(size_t at)
{
    return at <= FORM_LAST_WRITTEN ? form_names[at] : NULL;
}

int form_parse(const char *text, enum image_form *out, struct err *err)
{
    for (size_t i = 0; form_written(i); i++) {
        if (strcmp(text, form_written(i)) == 0) {
            *out = (enum image_form)i;
            return 0;
        }
    }
    AUTO(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
    buf_add_names(&names, form_written);
    return err_set(err, ERR_USAGE, "format \"%.40s\": choose %s", text, buf_text(&names));
}

/* A file that oras pushed: its name says what its type does not. */
static bool is_wasm_file(const struct descriptor *layer)
{
    size_t len = layer->title ? strlen(layer->title) : 0;
    return len > 5 && strcmp(layer->title + len - 5, ".wasm") == 0 &&
           (strcmp(layer->media_type, MEDIA_OCTET_STREAM) == 0 ||
            strcmp(layer->media_type, MEDIA_OCI_TAR) == 0);
}

static bool is_wasm(const struct descriptor *layer)
{
    if (is_wasm_file(layer))
        return true;
    return strcmp(layer->media_type, MEDIA_WASM_LAYER) == 0 ||
           strcmp(layer->media_type, MEDIA_CNCF_LAYER) == 0 ||
           strcmp(layer->media_type, MEDIA_CONTENT_LAYER) == 0;
}

static bool read_tar_type(const struct descriptor *layer, enum wrapping *wrapping)
{
    static const struct {
        const char *media_type;
        enum wrapping wrapping;
    } known[] = {
        {MEDIA_OCI_TAR, WRAP_TAR},
        {MEDIA_OCI_TAR_GZIP, WRAP_TAR_GZIP},
        {MEDIA_OCI_TAR_ZSTD, WRAP_TAR_ZSTD},
        {MEDIA_DOCKER_TAR, WRAP_TAR},
        {MEDIA_DOCKER_TAR_GZIP, WRAP_TAR_GZIP},
        {MEDIA_DOCKER_TAR_ZSTD, WRAP_TAR_ZSTD},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        if (strcmp(layer->media_type, known[i].media_type) == 0) {
            *wrapping = known[i].wrapping;
            return true;
        }
    }
    return false;
}

static void list_layers(const struct manifest *manifest, bool only_wasm, struct buf *out)
{
    size_t listed = 0;
    for (size_t i = 0; i < manifest->layer_count; i++) {
        const struct descriptor *layer = &manifest->layers[i];
        if ((only_wasm && !is_wasm(layer)) || listed++ >= LISTED_MAX)
            continue;
        buf_printf(out, "%s%s", listed > 1 ? ", " : "", layer->media_type);
        if (only_wasm)
            buf_printf(out, " %.80s", layer->title ? layer->title : layer->digest.text);
    }
    if (listed > LISTED_MAX)
        buf_printf(out, " and %zu more", listed - LISTED_MAX);
}

static int refuse_several(const struct manifest *manifest, size_t count, struct err *err)
{
    AUTO(buf_release) struct buf list = BUF_INIT(8192);
    list_layers(manifest, true, &list);
    return err_set(err, ERR_UNSUPPORTED,
                   "the image has %zu wasm layers, and which is the filter is not said (%s): push "
                   "the one you want as an image of its own",
                   count, buf_text(&list));
}

static int refuse_none(const struct manifest *manifest, struct err *err)
{
    AUTO(buf_release) struct buf list = BUF_INIT(8192);
    list_layers(manifest, false, &list);
    return err_set(err, ERR_UNSUPPORTED,
                   "the image has no wasm in it: its config is of type %s, %s%s: push one with "
                   "`wasme push`",
                   manifest->config.media_type,
                   manifest->layer_count ? "its layers of " : "and it has no layers",
                   buf_text(&list));
}

static enum image_form form_of_wasm(const struct manifest *manifest, const struct descriptor *layer)
{
    const char *config = manifest->config.media_type;
    if (strcmp(layer->media_type, MEDIA_WASM_LAYER) == 0 && manifest->layer_count == 2 &&
        strcmp(config, MEDIA_WASM_CONFIG) == 0)
        return FORM_OCI;
    if (strcmp(layer->media_type, MEDIA_CNCF_LAYER) == 0 && manifest->layer_count == 1 &&
        strcmp(config, MEDIA_CNCF_CONFIG) == 0)
        return FORM_CNCF;
    return FORM_WASM;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static enum image_form form_of_tar(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->layer_count; i++) {
        const char *media_type = manifest->layers[i].media_type;
        if (begins(media_type, MEDIA_PLUGIN_SPEC) || begins(media_type, MEDIA_PLUGIN_DOC))
            return FORM_PLUGIN;
    }
    if (manifest->layer_count != 1)
        return FORM_IMAGE;
    const char *variant = manifest_annotation(manifest, ANNOTATION_VARIANT);
    if (variant && begins(variant, "compat")) /* compat, or crun's compat-smart */
        return FORM_COMPAT;
    bool is_docker = begins(manifest->layers[0].media_type, MEDIA_DOCKER_TAR);
    return is_docker ? FORM_DOCKER : FORM_IMAGE;
}

/* Gateways take, of two layers, the first one that is typed as the content. */
static bool find_first_content(const struct manifest *manifest, size_t *layer)
{
    for (size_t i = 0; manifest->layer_count == 2 && i < 2; i++) {
        if (strcmp(manifest->layers[i].media_type, MEDIA_WASM_LAYER) == 0) {
            *layer = i;
            return true;
        }
    }
    return false;
}

/* The next lower tar layer. */
static bool find_tar(const struct manifest *manifest, struct form_found *found)
{
    for (size_t i = found->layer; i > 0; i--) {
        if (read_tar_type(&manifest->layers[i - 1], &found->wrapping)) {
            found->layer = i - 1;
            return true;
        }
    }
    return false;
}

/* The layer that is a wasm by its type; `*count` is 0 when there is none. */
static int choose_wasm(const struct manifest *manifest, struct form_found *found, size_t *count,
                       struct err *err)
{
    size_t layer = 0;
    *count = 0;
    for (size_t i = 0; i < manifest->layer_count; i++) {
        if (is_wasm(&manifest->layers[i]) && (*count)++ == 0)
            layer = i;
    }
    if (*count > 1 && !find_first_content(manifest, &layer))
        return refuse_several(manifest, *count, err);
    if (*count == 0)
        return 0;
    found->layer = layer;
    found->wrapping = WRAP_RAW;
    found->form = *count > 1 ? FORM_WASM : form_of_wasm(manifest, &manifest->layers[layer]);
    return 0;
}

/* Whether gateways look for a plugin.wasm in the last layer before they look for a wasm layer. */
static bool is_last_first(const struct manifest *manifest)
{
    const char *type = manifest->media_type;
    bool is_docker = type && strcmp(type, MEDIA_DOCKER_MANIFEST) == 0;
    return manifest->layer_count > 0 &&
           strcmp(manifest->layers[manifest->layer_count - 1].media_type,
                  is_docker ? MEDIA_DOCKER_TAR_GZIP : MEDIA_OCI_TAR_GZIP) == 0;
}

int form_find(const struct manifest *manifest, struct form_found *out, struct err *err)
{
    struct form_found found = {0};
    size_t wasm_layers = 0;
    bool last_first = is_last_first(manifest);
    int rc = choose_wasm(manifest, &found, &wasm_layers, last_first ? ERR_IGNORED : err);
    if (rc && !last_first)
        return rc;
    found.has_runtime = strcmp(manifest->config.media_type, MEDIA_WASM_CONFIG) == 0;
    if (!wasm_layers || last_first) {
        found.layer = manifest->layer_count;
        if (!find_tar(manifest, &found))
            return refuse_none(manifest, err);
        found.form = form_of_tar(manifest);
        found.before_wasm = wasm_layers > 0;
    }
    *out = found;
    return 0;
}

bool form_go_lower(const struct manifest *manifest, struct form_found *found)
{
    size_t count = 0;
    if (found->before_wasm) {
        found->before_wasm = false;
        return choose_wasm(manifest, found, &count, ERR_IGNORED) == 0;
    }
    return !is_wasm(&manifest->layers[found->layer]) && find_tar(manifest, found);
}
