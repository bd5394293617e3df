/* wasme copy: an image from one registry or store to another, with the same digest. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/transit/fetch.h"
#include "store/transit/keep.h"
#include "store/transit/outgoing.h"

struct copy_args {
    struct transfer_args transfer;
    const char *store;
    const char *to_store;
    long long max_size;
    const char *platform;
};

/* One end. */
struct side {
    bool local; /* in the store */
    struct ref ref;
};

struct copy {
    struct transfer transfer;
    struct store *to_store; /* owned; NULL: that of the transfer */
    struct side from, to;
    struct platform platform;
    struct fetch_wish wish; /* for a target in a store */
    bool unchanged;         /* the target registry had all of it */
};

static void copy_release(struct copy *copy)
{
    ref_release(&copy->from.ref);
    ref_release(&copy->to.ref);
    store_close(copy->to_store);
    platform_release(&copy->platform);
    transfer_end(&copy->transfer);
}

static int side_read(const char *text, struct side *out, struct err *err)
{
    const char *local = settings_in_store(text);
    out->local = local != NULL;
    return settings_ref(local ? local : text, &out->ref, err);
}

static void report(const struct copy *copy, const struct digest *digest)
{
    const struct ref *to = &copy->to.ref;
    AUTO_FREE char *done = copy->unchanged
                               ? mem_printf("Unchanged: %s has all of it already", to->full)
                               : mem_printf("Copied %s", copy->from.ref.full);
    AUTO_FREE char *line = mem_printf("Digest: %s (image manifest)", digest->text);
    log_info(done, NULL);
    log_info(line, NULL);
    transfer_print(to, digest);
}

/* Registry to registry. An index goes whole, with all its images. */
static int across(struct copy *copy, struct digest *digest, struct err *err)
{
    return registry_copy(copy->transfer.registry, &copy->from.ref, &copy->to.ref, settings_tmp(),
                         copy->wish.max_size, digest, &copy->unchanged, err);
}

/* Store to registry. */
static int upwards(struct copy *copy, struct digest *digest, struct err *err)
{
    const struct packing as_it_is = {0};
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(outgoing_release) struct outgoing out = {0};
    struct store *store = copy->transfer.store;
    int rc = store_get(store, &copy->from.ref, &image, err);
    if (!rc)
        rc = outgoing_prepare(&as_it_is, store, &image, &out, err);
    if (out.note)
        log_warning(out.note, NULL);
    if (!rc)
        rc = outgoing_push(&out, copy->transfer.registry, &copy->to.ref, &copy->unchanged, err);
    if (!rc)
        *digest = *outgoing_digest(&out);
    return rc;
}

static int target_digest(const struct copy *copy, const struct digest *digest, struct err *err)
{
    const struct digest *wanted = &copy->to.ref.digest;
    if (!wanted->text[0] || digest_equal(wanted, digest))
        return 0;
    return err_set(err, ERR_FAILED, "the image is %s, not what the target names", digest->text);
}

/* Registry to store. */
static int downwards(struct copy *copy, struct digest *digest, struct err *err)
{
    struct store *store = copy->to_store ? copy->to_store : copy->transfer.store;
    const struct fetch_source source = fetch_from_registry(copy->transfer.registry);
    copy->wish.store = store;
    AUTO(fetched_release) struct fetched item = {.ref = &copy->from.ref};
    int rc = fetch_images(&source, &copy->wish, &item, 1, err);
    if (!rc)
        rc = err_move(err, &item.err);
    if (!rc)
        rc = target_digest(copy, &item.raw.digest, err);
    if (rc)
        return rc;
    keep_tell_form(&item, &log_notice);
    *digest = item.raw.digest;
    return keep_fetched(store, &item, &copy->to.ref, &log_notice, err);
}

/* A file of another store, as it should be. */
static int clone_file(struct store *to, int from, const struct digest *digest,
                      struct store_file **out, struct err *err)
{
    struct digest found;
    int rc = store_file_begin(to, NULL, out, err);
    if (!rc)
        rc = file_copy(from, store_file_fd(*out), err);
    if (!rc)
        rc = digest_of_fd(store_file_fd(*out), &found, NULL, err);
    if (!rc && !digest_equal(&found, digest))
        rc = err_set(err, ERR_DAMAGED,
                     "the stored image is damaged: %s hashes to %s: build or pull "
                     "it again",
                     digest->text, found.text);
    return rc;
}

/* The files of an image that are not the four. */
struct clones {
    struct store_file *wasm;
    struct store_layer *layers;
    size_t count;
};

static void clones_release(struct clones *clones)
{
    store_file_end(clones->wasm);
    for (size_t i = 0; i < clones->count; i++)
        store_file_end(clones->layers[i].file);
    free(clones->layers);
}

static int clone_layers(struct store *to, const struct store_image *image,
                        const struct store_pack *pack, struct clones *out, struct err *err)
{
    out->layers = mem_zero(pack->parsed.layer_count + 1, sizeof(*out->layers));
    int rc = 0;
    for (size_t i = 0; !rc && i < pack->parsed.layer_count; i++) {
        const struct digest *digest = &pack->parsed.layers[i].digest;
        if (pack->layers[i] < 0 || digest_equal(digest, &image->layer.digest))
            continue;
        struct store_layer *layer = &out->layers[out->count];
        *layer = (struct store_layer){.digest = *digest};
        rc = clone_file(to, pack->layers[i], digest, &layer->file, err);
        out->count += layer->file != NULL;
    }
    return rc;
}

/* Store to another store. */
static int sideways(struct copy *copy, struct digest *digest, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    AUTO(clones_release) struct clones clones = {0};
    int rc = store_get(copy->transfer.store, &copy->from.ref, &image, err);
    if (!rc)
        rc = store_pack(&image, &pack, err);
    if (!rc)
        rc = clone_file(copy->to_store, image.wasm, &image.layer.digest, &clones.wasm, err);
    if (!rc)
        rc = clone_layers(copy->to_store, &image, &pack, &clones, err);
    if (rc)
        return rc;
    *digest = pack.digest;
    struct store_parts parts = {
        .layer = image.layer,
        .wasm = clones.wasm,
        .runtime_config = buf_text(&image.runtime_config),
        .runtime_config_len = image.runtime_config.len,
        .manifest = pack.kept ? image.manifest.data : NULL,
        .manifest_len = image.manifest.len,
        .config_blob = pack.kept ? image.config_blob.data : NULL,
        .config_blob_len = image.config_blob.len,
        .form = pack.kept && image.form.len ? pack.form : NULL,
        .layers = clones.layers,
        .layer_count = clones.count,
    };
    return store_commit(copy->to_store, &copy->to.ref, &parts, err);
}

static int within(struct copy *copy, struct digest *digest, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    AUTO(store_pack_release) struct store_pack pack = {0};
    struct store *store = copy->transfer.store;
    int rc = store_tag(store, &copy->from.ref, &copy->to.ref, err);
    if (!rc)
        rc = store_get(store, &copy->to.ref, &image, err);
    if (!rc)
        rc = store_pack(&image, &pack, err);
    *digest = pack.digest;
    return rc;
}

static int copy_it(struct copy *copy, struct digest *digest, struct err *err)
{
    if (copy->from.local && copy->to.local)
        return copy->to_store ? sideways(copy, digest, err) : within(copy, digest, err);
    if (copy->from.local)
        return upwards(copy, digest, err);
    return copy->to.local ? downwards(copy, digest, err) : across(copy, digest, err);
}

static int begin(const struct cli *cli, const struct copy_args *args, struct copy *copy,
                 struct err *err)
{
    int rc = side_read(cli->args[0], &copy->from, err);
    if (!rc)
        rc = side_read(cli->args[1], &copy->to, err);
    if (!rc && args->to_store && !copy->to.local)
        rc = err_set(err, ERR_USAGE, "copy: --to-store is for a target in a store, store:REF");
    if (!rc && copy->to.local && copy->to.ref.digest.text[0] && copy->from.local)
        rc = err_set(err, ERR_USAGE, "copy: %s: the target gets a tag, not a digest",
                     copy->to.ref.full);
    copy->wish = (struct fetch_wish){.max_size = args->max_size, .whole = true};
    if (!rc && args->platform)
        rc = platform_parse(args->platform, &copy->platform, err);
    copy->wish.platform = args->platform ? &copy->platform : NULL;
    if (!rc && args->to_store)
        rc = store_open(args->to_store, &copy->to_store, err);
    return rc ? rc : transfer_open(cli, &args->transfer, args->store, &copy->transfer, err);
}

static int copy(const struct cli *cli, void *opaque, struct err *err)
{
    AUTO(copy_release) struct copy job = {0};
    struct digest digest = {0};
    int rc = begin(cli, opaque, &job, err);
    if (rc)
        return rc;
    AUTO_FREE char *title = mem_printf("Copying %s", job.from.ref.full);
    log_info(title, NULL);
    progress_begin(title, "image");
    rc = copy_it(&job, &digest, err);
    progress_end();
    if (rc)
        return err_wrap(err, "copy %s to %s", cli->args[0], cli->args[1]);
    report(&job, &digest);
    return 0;
}

static const struct option options[] = {
    OPT_TEXT(struct copy_args, to_store, 0, "to-store", "DIR", COMPLETE_DIR,
             "the store of the target store:REF, when that is not the source's store"),
    OPT_SIZE(struct copy_args, max_size, 0, "max-size", "SIZE", FETCH_MAX_SIZE,
             "refuse an image with more bytes to send; into a store, refuse a larger wasm"),
    OPT_TEXT(struct copy_args, platform, 0, "platform", "OS/ARCH", COMPLETE_NONE,
             "into a store: of an index, take the image for OS/ARCH",
             .otherwise = PLATFORM_DEFAULT),
    TRANSFER_OPTIONS(struct copy_args),
    STORE_OPTION(struct copy_args, store),
    OPT_END,
};

extern const struct command copy_command;
const struct command copy_command = {
    .name = "copy",
    .summary = "copy an image between registries and stores, digest and all",
    .details = "Prints TARGET@DIGEST.",
    .example = "wasme copy harbor.example/base/filter:v1 mirror.internal/base/filter:v1",
    .positionals = POSITIONALS({.name = "SOURCE",
                                .help = "the image: a reference, or store:REF for the local store",
                                .complete = COMPLETE_REF},
                               {.name = "TARGET",
                                .help = "the new place of the image, named in the same way",
                                .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct copy_args),
    .run = copy,
};
