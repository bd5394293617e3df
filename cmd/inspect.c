/* wasme inspect: the parts of an image, or of a .wasm file. */
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/inspect_print.h"
#include "cmd/settings.h"
#include "image/form.h"
#include "store/pack.h"

struct inspect_args {
    bool json;
    const char *store;
};

static int read_module(int fd, const char *shown, struct inspected *out, struct err *err)
{
    int rc = module_read(fd, shown, &out->module, err);
    if (!rc)
        rc = digest_of_fd(fd, &out->file, &out->size, err);
    if (!rc)
        abi_versions(&out->module, &out->abi_versions, &out->abi_count);
    return rc;
}

static int inspect_file(const char *path, struct inspected *out, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    off_t size = 0;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc;
    out->path = mem_dup(path);
    return read_module(fd, path, out, err);
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

static int inspect_image(const struct inspect_args *args, const char *text, struct inspected *out,
                         struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    AUTO(ref_release) struct ref ref = {0};
    int rc = settings_store(args->store, &store, err);
    if (!rc)
        rc = settings_image(store, text, &ref, &image, err);
    if (!rc)
        rc = store_pack(&image, &pack, err);
    if (!rc)
        rc = read_runtime(&image, out, err);
    if (rc)
        return rc;
    out->reference = mem_dup(image.ref);
    out->path = mem_printf("%s/filter.wasm", image.dir);
    out->manifest = pack.digest;
    out->wasm = image.layer.digest;
    name_form(&pack.parsed, out);
    return read_module(image.wasm, out->path, out, err);
}

static int check_digests(const struct inspected *in, struct err *err)
{
    if (!in->reference || digest_equal(&in->wasm, &in->file))
        return 0;
    return err_set(
        err, ERR_DAMAGED,
        "%s is damaged: its digest is not the one in its descriptor: build or pull the image again",
        in->path);
}

static int inspect(const struct cli *cli, void *opaque, struct err *err)
{
    const struct inspect_args *args = opaque;
    const char *text = cli->args[0];
    AUTO(inspected_release) struct inspected found = {0};
    int rc = file_is_regular(text) ? inspect_file(text, &found, err)
                                   : inspect_image(args, text, &found, err);
    if (rc)
        return rc;
    if (args->json)
        rc = inspected_print_json(&found, err);
    else
        inspected_print(&found);
    return rc ? rc : check_digests(&found, err);
}

static const struct option options[] = {
    OPT_FLAG(struct inspect_args, json, 0, "json", "print JSON"),
    STORE_OPTION(struct inspect_args, store),
    OPT_END,
};

extern const struct command inspect_command;
const struct command inspect_command = {
    .name = "inspect",
    .summary = "show the digests, ABI, imports, exports and sections of a filter",
    .details = "Where a file of that name exists, the file is read, and not an image.",
    .example = "wasme inspect harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "REF|FILE",
                                .help = "an image of the local store, or a file",
                                .complete = COMPLETE_REF_OR_FILE}),
    .options = options,
    .args_size = sizeof(struct inspect_args),
    .run = inspect,
};
