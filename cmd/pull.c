/* wasme pull: fetches images from registries into the local store. */
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/arrival.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "image/runtime_config.h"
#include "store/pack.h"

/* Sizes in the binary format are 32 bits wide (WebAssembly core specification, 5.5.2). */
#define WASM_MAX (4LL * 1024 * 1024 * 1024)

struct pull_args {
    struct transfer_args transfer;
    const char *store;
};

/* An image on its way in. */
struct incoming {
    const struct ref *ref;
    struct registry_manifest raw;
    struct manifest manifest;
    const struct descriptor *wasm; /* in the manifest */
    struct buf config_blob;        /* as it came */
    struct buf runtime_config;     /* as it is stored */
    struct store *store;
    struct store_file *wasm_file;
};

static void incoming_release(struct incoming *in)
{
    store_file_end(in->wasm_file);
    buf_release(&in->config_blob);
    buf_release(&in->runtime_config);
    manifest_release(&in->manifest);
    registry_manifest_release(&in->raw);
}

static int fetch_manifest(const struct transfer *transfer, struct incoming *in, struct err *err)
{
    int rc = registry_get_manifest(transfer->registry, in->ref, &in->raw, err);
    if (!rc)
        rc = manifest_parse(in->raw.data, in->raw.len, &in->manifest, err);
    if (rc)
        return rc;
    in->wasm = manifest_wasm_layer(&in->manifest);
    if (!in->wasm)
        return err_set(err, ERR_UNSUPPORTED,
                       "the manifest %s has no layer of type %s: not an image that wasme pushed",
                       in->raw.digest.text, MEDIA_WASM_LAYER);
    if (in->wasm->size > WASM_MAX)
        return err_set(err, ERR_DAMAGED,
                       "the wasm has %lld bytes, and no module is larger than %lld", in->wasm->size,
                       WASM_MAX);
    return 0;
}

static int fetch_blobs(const struct transfer *transfer, struct incoming *in, struct err *err)
{
    if (in->manifest.config.size > RUNTIME_CONFIG_MAX)
        return err_set(err, ERR_DAMAGED, "the config blob is larger than %d bytes",
                       RUNTIME_CONFIG_MAX);
    in->store = transfer->store;
    int rc = store_file_begin(transfer->store, &in->wasm->digest, &in->wasm_file, err);
    if (rc)
        return rc;
    struct registry_sink sinks[] = {
        {.ref = in->ref,
         .descriptor = in->wasm,
         .fd = store_file_fd(in->wasm_file),
         .have = store_file_kept(in->wasm_file)},
        {.ref = in->ref, .descriptor = &in->manifest.config, .fd = -1, .data = &in->config_blob},
    };
    rc = registry_get_blobs(transfer->registry, sinks, COUNT(sinks), err);
    for (size_t i = 0; !rc && i < COUNT(sinks); i++)
        if (sinks[i].rc)
            rc = err_set(err, sinks[i].rc, "%s", err_text(&sinks[i].err));
    if (sinks[0].rc == ERR_DAMAGED)
        store_file_spoil(in->wasm_file);
    for (size_t i = 0; i < COUNT(sinks); i++)
        err_release(&sinks[i].err);
    return rc;
}

/* The blob's own config where it is one that can be read; else what the module says. */
static int settle_config(struct incoming *in, const struct arrival *arrival, struct err *err)
{
    AUTO(err_release) struct err reason = ERR_INIT;
    AUTO(runtime_config_release) struct runtime_config config = {0};
    int rc =
        runtime_config_parse(buf_text(&in->config_blob), in->config_blob.len, &config, &reason);
    if (rc == 0) {
        runtime_config_write(&config, &in->runtime_config);
        if (buf_overflowed(&in->runtime_config))
            return err_set(err, ERR_DAMAGED, "the runtime config is larger than %d bytes",
                           RUNTIME_CONFIG_MAX);
        return 0;
    }
    AUTO_FREE char *text = mem_printf("the image's config is no runtime config (%s): making one "
                                      "from the module",
                                      err_text(&reason));
    log_warning(text, NULL);
    rc = arrival_make_config(arrival, &in->runtime_config, err);
    return rc == ERR_NOT_FOUND ? err_set(err, ERR_DAMAGED,
                                         "neither a runtime config nor an ABI version in the image")
                               : rc;
}

/* Whether a push would make this very manifest anyway: then the four files are the whole image. */
static bool is_made_again(const struct incoming *in, const struct descriptor *layer)
{
    AUTO(store_pack_release) struct store_pack pack = {0};
    return store_pack_make(layer, buf_text(&in->runtime_config), in->runtime_config.len, &pack,
                           NULL) == 0 &&
           digest_equal(&pack.digest, &in->raw.digest);
}

static int store_incoming(struct incoming *in, struct err *err)
{
    AUTO(arrival_release) struct arrival arrival = {0};
    AUTO(err_release) struct err reason = ERR_INIT;
    if (arrival_read(store_file_fd(in->wasm_file), in->ref->full, &arrival, &reason) != 0)
        log_warning(err_text(&reason), NULL); /* the bytes are what was pushed: they are kept */
    int rc = settle_config(in, &arrival, err);
    if (rc)
        return rc;
    bool same =
        in->runtime_config.len == in->config_blob.len &&
        memcmp(buf_text(&in->runtime_config), buf_text(&in->config_blob), in->config_blob.len) == 0;
    AUTO(descriptor_release) struct descriptor layer = {0};
    descriptor_init(&layer, in->wasm->media_type, &in->wasm->digest, in->wasm->size, TITLE_WASM);
    struct store_parts parts = {
        .layer = layer,
        .wasm = in->wasm_file,
        .runtime_config = buf_text(&in->runtime_config),
        .runtime_config_len = in->runtime_config.len,
        .manifest = is_made_again(in, &layer) ? NULL : in->raw.data,
        .manifest_len = in->raw.len,
        .config_blob = same ? NULL : buf_text(&in->config_blob),
        .config_blob_len = in->config_blob.len,
    };
    return store_commit(in->store, in->ref, &parts, err);
}

static int pull_image(struct transfer *transfer, struct incoming *in, struct err *err)
{
    const struct ref *ref = in->ref;
    AUTO_FREE char *title = mem_printf("Pulling image %s", ref->full);
    AUTO_FREE char *done = mem_printf("Image: %s", ref->full);
    log_info(title, NULL);
    int rc = fetch_manifest(transfer, in, err);
    if (rc)
        return rc;
    progress_begin(title);
    rc = fetch_blobs(transfer, in, err);
    progress_end();
    if (!rc)
        rc = store_incoming(in, err);
    if (rc)
        return rc;
    log_info(done, NULL);
    transfer_report(ref, &in->raw.digest, &in->wasm->digest);
    return 0;
}

static int pull_one(struct transfer *transfer, const struct ref *ref, struct err *err)
{
    AUTO(incoming_release) struct incoming in = {.ref = ref};
    buf_init(&in.config_blob, RUNTIME_CONFIG_MAX);
    buf_init(&in.runtime_config, RUNTIME_CONFIG_MAX);
    int rc = pull_image(transfer, &in, err);
    return rc ? err_wrap(err, "pull %s", ref->full) : 0;
}

static int pull(const struct cli *cli, void *opaque, struct err *err)
{
    const struct pull_args *args = opaque;
    return transfer_each(cli, &args->transfer, args->store, pull_one, err);
}

static void defaults(void *opaque)
{
    transfer_defaults(&((struct pull_args *)opaque)->transfer);
}

static const struct option options[] = {
    TRANSFER_OPTIONS(struct pull_args),
    STORE_OPTION(struct pull_args, store),
    OPT_END,
};

extern const struct command pull_command;
const struct command pull_command = {
    .name = "pull",
    .synopsis = "REF...",
    .summary = "fetch images from their registries into the local store",
    .details = "Prints REF@DIGEST of each, with the digest of the image's manifest.",
    .min_args = 1,
    .max_args = SIZE_MAX,
    .args_complete = COMPLETE_REF,
    .options = options,
    .args_size = sizeof(struct pull_args),
    .defaults = defaults,
    .run = pull,
};
