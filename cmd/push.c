/* wasme push: sends images of the local store to registries. */
#include <stdint.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/pack.h"

struct push_args {
    struct transfer_args transfer;
    const char *store;
};

/* What was read on the way was not what the descriptor says: is the store to blame? */
static int blame_store(const struct store_image *image, struct err *err)
{
    struct digest digest;
    if (digest_of_fd(image->wasm, &digest, NULL, NULL) != 0 ||
        digest_equal(&digest, &image->layer.digest))
        return ERR_DAMAGED;
    return err_set(err, ERR_DAMAGED,
                   "%s/filter.wasm is damaged: its digest is %s, not %s: build or pull it again",
                   image->dir, digest.text, image->layer.digest.text);
}

/* Each blob of the manifest, from the config's bytes or the file that it is in. */
static int send(struct registry *registry, const struct ref *ref, const struct store_image *image,
                const struct store_pack *pack, struct err *err)
{
    const struct manifest *manifest = &pack->parsed;
    size_t count = manifest->layer_count + 1;
    AUTO_FREE struct registry_blob *blobs = mem_zero(count, sizeof(*blobs));
    blobs[0] = (struct registry_blob){&manifest->config, buf_text(&pack->config), -1};
    for (size_t i = 0; i < manifest->layer_count; i++) {
        int fd = pack->layers[i];
        blobs[i + 1] = (struct registry_blob){&manifest->layers[i],
                                              fd < 0 ? buf_text(&pack->config) : NULL, fd};
    }
    int rc = registry_push(registry, ref, blobs, count, buf_text(&pack->manifest),
                           pack->manifest.len, store_pack_media_type(pack), err);
    return rc == ERR_DAMAGED ? blame_store(image, err) : rc;
}

static int push_image(struct transfer *transfer, const struct ref *ref,
                      const struct store_image *image, struct err *err)
{
    AUTO(store_pack_release) struct store_pack pack = {0};
    int rc = store_pack(image, &pack, err);
    if (rc)
        return rc;
    if (ref->digest.text[0] && !digest_equal(&ref->digest, &pack.digest))
        return err_set(err, ERR_FAILED,
                       "the stored image's manifest is %s, not what the reference names",
                       pack.digest.text);
    AUTO_FREE char *title = mem_printf("Pushing image %s", ref->full);
    AUTO_FREE char *done = mem_printf("Pushed %s", ref->full);
    log_info(title, NULL);
    progress_begin(title);
    rc = send(transfer->registry, ref, image, &pack, err);
    progress_end();
    if (rc)
        return rc;
    log_info(done, NULL);
    transfer_report(ref, &pack.digest, &image->layer.digest);
    return 0;
}

static int push_one(struct transfer *transfer, const struct ref *ref, struct err *err)
{
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = store_get(transfer->store, ref, &image, err);
    if (rc)
        return rc;
    rc = push_image(transfer, ref, &image, err);
    return rc ? err_wrap(err, "push %s", ref->full) : 0;
}

static int push(const struct cli *cli, void *opaque, struct err *err)
{
    const struct push_args *args = opaque;
    return transfer_each(cli, &args->transfer, args->store, push_one, err);
}

static void defaults(void *opaque)
{
    transfer_defaults(&((struct push_args *)opaque)->transfer);
}

static const struct option options[] = {
    TRANSFER_OPTIONS(struct push_args),
    STORE_OPTION(struct push_args, store),
    OPT_END,
};

extern const struct command push_command;
const struct command push_command = {
    .name = "push",
    .synopsis = "REF...",
    .summary = "send images of the local store to their registries",
    .details = "Prints REF@DIGEST of each, with the digest of the image's manifest.",
    .min_args = 1,
    .max_args = SIZE_MAX,
    .args_complete = COMPLETE_REF,
    .options = options,
    .args_size = sizeof(struct push_args),
    .defaults = defaults,
    .run = push,
};
