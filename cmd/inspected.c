#include "cmd/inspected.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/settings.h"
#include "image/form.h"

void inspected_release(struct inspected *inspected)
{
    free(inspected->reference);
    free(inspected->path);
    runtime_config_release(&inspected->runtime);
    module_release(&inspected->module);
    module_names_release(&inspected->names);
    module_producers_release(&inspected->producers);
    abi_versions_free(inspected->abi_versions, inspected->abi_count);
}

int inspected_read_module(int fd, struct inspected *out, struct err *err)
{
    int rc = module_read(fd, out->path, &out->module, err);
    if (!rc)
        rc = module_names_read(fd, &out->module, &out->names, err);
    if (!rc)
        rc = module_producers_read(fd, &out->module, &out->producers, err);
    if (!rc)
        abi_versions(&out->module, &out->abi_versions, &out->abi_count);
    return rc;
}

int inspected_read(int fd, struct inspected *out, struct err *err)
{
    int rc = inspected_read_module(fd, out, err);
    return rc ? rc : digest_of_fd(fd, &out->file, &out->size, err);
}

static int open_file(const char *path, struct inspected *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    off_t size = 0;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc;
    out->path = mem_dup(path);
    return inspected_read(fd, out, err);
}

static int read_runtime(const struct store_image *image, struct inspected *out, struct err *err)
{
    int rc = runtime_config_parse(buf_text(&image->runtime_config), image->runtime_config.len,
                                  &out->runtime, err);
    return rc ? err_wrap(err, "%s", image->dir) : 0;
}

/* Names the form of the image, and the layer that carries the wasm. */
static void name_form(const struct manifest *manifest, struct inspected *out)
{
    struct form_found found;
    out->layer = out->wasm;
    if (form_find(manifest, &found, ERR_IGNORED) != 0)
        return;
    struct form_found wasm = found;
    if (wasm.before_wasm && form_go_lower(manifest, &wasm) &&
        digest_equal(&manifest->layers[wasm.layer].digest, &out->wasm))
        found = wasm; /* the tar above it had no wasm */
    out->format = form_name(found.form);
    out->layer = manifest->layers[found.layer].digest;
}

int inspected_of_image(const struct store_image *image, const struct store_pack *pack,
                       struct inspected *out, struct err *err)
{
    int rc = read_runtime(image, out, err);
    if (rc)
        return rc;
    out->reference = mem_dup(image->ref);
    out->path = mem_printf("%s/filter.wasm", image->dir);
    out->manifest = pack->digest;
    out->wasm = image->layer.digest;
    name_form(&pack->parsed, out);
    return 0;
}

static int open_image(const char *text, const char *given, struct inspected *out, struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_store(given, &store, err);
    if (!rc)
        rc = settings_image(store, text, &ref, &image, err);
    if (!rc)
        rc = store_pack(&image, &pack, err);
    if (!rc)
        rc = inspected_of_image(&image, &pack, out, err);
    return rc ? rc : inspected_read(image.wasm, out, err);
}

int inspected_open(const char *text, const char *store, struct inspected *out, struct err *err)
{
    return file_is_regular(text) ? open_file(text, out, err) : open_image(text, store, out, err);
}

int inspected_verify(const struct inspected *in, struct err *err)
{
    if (!in->reference || digest_equal(&in->wasm, &in->file))
        return 0;
    return err_set(
        err, ERR_DAMAGED,
        "%s is damaged: its digest is not the one in its descriptor: build or pull the image again",
        in->path);
}
