/* wasme push: sends images of the local store to registries. */
#include <stdint.h>

#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/host_args.h"
#include "cmd/log.h"
#include "cmd/packing_args.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/transit/outgoing.h"

struct push_args {
    struct transfer_args transfer;
    struct packing_args packing;
    struct host_args hosts;
    const char *store;
};

struct push_job {
    struct transfer transfer;
    struct packing packing;
    struct host_wish hosts;
    size_t asked; /* images in all */
    size_t sent;  /* how many of them are sent */
};

static void push_release(struct push_job *push)
{
    packing_release(&push->packing);
    host_wish_release(&push->hosts);
    transfer_end(&push->transfer);
}

static int push_image(const struct push_job *push, const struct ref *ref,
                      const struct store_image *image, struct err *err)
{
    AUTO(outgoing_release) struct outgoing out = {0};
    int rc = host_wish_judge(&push->hosts, image->wasm, ref->full, err);
    if (!rc)
        rc = outgoing_prepare(&push->packing, push->transfer.store, image, &out, err);
    if (out.note)
        log_warning(out.note, NULL);
    if (rc)
        return rc;
    const struct digest *digest = &out.bundle.digest;
    if (ref->digest.text[0] && !digest_equal(&ref->digest, digest))
        return err_set(err, ERR_FAILED,
                       "the image's manifest is %s, not the one that the reference names",
                       digest->text);
    AUTO_FREE char *title = mem_printf("Pushing image %s", ref->full);
    bool unchanged = false;
    log_info(title, NULL);
    progress_begin(title, "filter.wasm");
    if (push->asked > 1)
        progress_images(push->sent, push->asked);
    rc = outgoing_push(&out, push->transfer.registry, ref, &unchanged, err);
    progress_end();
    if (rc)
        return rc;
    if (unchanged)
        log_infof("Unchanged: %s has all of it already", ref->full);
    else
        log_infof("Pushed %s", ref->full);
    transfer_report(ref, digest, &image->layer.digest, true);
    return 0;
}

static int push_one(void *arg, const char *text, struct err *err)
{
    struct push_job *push = arg;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = settings_image(push->transfer.store, text, &ref, &image, err);
    if (rc)
        return rc;
    rc = push_image(push, &ref, &image, err);
    push->sent += !rc;
    return rc ? err_wrap(err, "push %s", ref.full) : 0;
}

static int push(const struct cli *cli, void *opaque, struct err *err)
{
    const struct push_args *args = opaque;
    AUTO(push_release) struct push_job push = {.asked = cli->arg_count};
    int rc = packing_args_read(&args->packing, &push.packing, err);
    if (!rc)
        rc = host_wish_read(cli, &args->hosts, &push.hosts, err);
    if (!rc)
        rc = transfer_open(cli, &args->transfer, args->store, &push.transfer, err);
    return rc ? rc : each_arg(cli, push_one, &push, err);
}

static const struct option options[] = {
    PACKING_OPTIONS(struct push_args, STORED_FORM),
    HOST_OPTIONS(struct push_args),
    TRANSFER_OPTIONS(struct push_args),
    STORE_OPTION(struct push_args, store),
    OPT_END,
};

extern const struct command push_command;
const struct command push_command = {
    .name = "push",
    .summary = "send images of the local store to their registries",
    .details = "Prints REF@DIGEST of each, with the digest of the image's manifest.\n"
               "Where an earlier push has left the same image, only its manifest is asked for;\n"
               "--no-cache asks for every part, and sends what the registry has lost.",
    .example = "wasme push harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "REF",
                                .help = "an image of the local store",
                                .repeated = true,
                                .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct push_args),
    .run = push,
};
