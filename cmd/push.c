/* wasme push: sends images of the local store to registries. */
#include <stdint.h>

#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/log.h"
#include "cmd/packing.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/pack.h"

struct push_args {
    struct transfer_args transfer;
    struct packing_args packing;
    const char *store;
};

struct push {
    struct transfer transfer;
    struct packing packing;
};

static void push_release(struct push *push)
{
    packing_release(&push->packing);
    transfer_end(&push->transfer);
}

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

/* An image as it is sent: as it is stored, or made anew in another form. */
struct outgoing {
    struct store_pack pack;
    struct packed packed; /* in use when `made` */
    bool made;
};

static void outgoing_release(struct outgoing *out)
{
    store_pack_release(&out->pack);
    packed_release(&out->packed);
}

/* Whether what is stored is what was asked for. */
static bool is_asked_form(const struct store_pack *pack, const struct packing *packing)
{
    struct form_found found;
    return packing->count == 0 && form_find(&pack->parsed, &found, NULL) == 0 &&
           found.form == packing->options.form;
}

/* Annotations alone leave the form as it is, where that is one that wasme makes. */
static void keep_form(const struct store_pack *pack, struct packing *packing)
{
    struct form_found found;
    if (!packing->form_given && form_find(&pack->parsed, &found, NULL) == 0 &&
        form_parse(form_name(found.form), &found.form, NULL) == 0)
        packing->options.form = found.form;
}

static int prepare(const struct push *push, const struct store_image *image, struct outgoing *out,
                   struct err *err)
{
    struct packing packing = push->packing; /* its texts are push's */
    int rc = store_pack(image, &out->pack, err);
    if (rc || !packing.asked || is_asked_form(&out->pack, &packing))
        return rc;
    keep_form(&out->pack, &packing);
    out->made = true;
    return packing_make(&packing, push->transfer.store, &image->layer, image->wasm,
                        buf_text(&image->runtime_config), image->runtime_config.len, &out->packed,
                        err);
}

static const struct digest *digest_of_outgoing(const struct outgoing *out)
{
    return out->made ? &out->packed.package.digest : &out->pack.digest;
}

static int send_packed(struct registry *registry, const struct ref *ref,
                       const struct store_image *image, const struct packed *packed,
                       struct err *err)
{
    const struct package *package = &packed->package;
    const struct registry_blob blobs[] = {
        {.descriptor = &package->config, .data = buf_text(&package->config_blob), .fd = -1},
        {.descriptor = &package->layer,
         .fd = package->wrapped ? store_file_fd(packed->layer) : image->wasm},
    };
    return registry_push(registry, ref, blobs, COUNT(blobs), buf_text(&package->manifest),
                         package->manifest.len, package->media_type, err);
}

/* Each blob of the manifest, from the config's bytes or the file that it is in. */
static int send_pack(struct registry *registry, const struct ref *ref,
                     const struct store_pack *pack, struct err *err)
{
    const struct manifest *manifest = &pack->parsed;
    size_t count = manifest->layer_count + 1;
    AUTO_FREE struct registry_blob *blobs = mem_zero(count, sizeof(*blobs));
    blobs[0] = (struct registry_blob){
        .descriptor = &manifest->config, .data = buf_text(&pack->config), .fd = -1};
    for (size_t i = 0; i < manifest->layer_count; i++) {
        int fd = pack->layers[i];
        blobs[i + 1] = (struct registry_blob){.descriptor = &manifest->layers[i],
                                              .data = fd < 0 ? buf_text(&pack->config) : NULL,
                                              .fd = fd};
    }
    return registry_push(registry, ref, blobs, count, buf_text(&pack->manifest), pack->manifest.len,
                         store_pack_media_type(pack), err);
}

static int send(const struct push *push, const struct ref *ref, const struct store_image *image,
                const struct outgoing *out, struct err *err)
{
    struct registry *registry = push->transfer.registry;
    int rc = out->made ? send_packed(registry, ref, image, &out->packed, err)
                       : send_pack(registry, ref, &out->pack, err);
    return rc == ERR_DAMAGED ? blame_store(image, err) : rc;
}

static int push_image(const struct push *push, const struct ref *ref,
                      const struct store_image *image, struct err *err)
{
    AUTO(outgoing_release) struct outgoing out = {0};
    int rc = prepare(push, image, &out, err);
    if (rc)
        return rc;
    const struct digest *digest = digest_of_outgoing(&out);
    if (ref->digest.text[0] && !digest_equal(&ref->digest, digest))
        return err_set(err, ERR_FAILED, "the image's manifest is %s, not what the reference names",
                       digest->text);
    AUTO_FREE char *title = mem_printf("Pushing image %s", ref->full);
    AUTO_FREE char *done = mem_printf("Pushed %s", ref->full);
    log_info(title, NULL);
    progress_begin(title);
    rc = send(push, ref, image, &out, err);
    progress_end();
    if (rc)
        return rc;
    log_info(done, NULL);
    transfer_report(ref, digest, &image->layer.digest, true);
    return 0;
}

static int push_one(void *arg, const char *text, struct err *err)
{
    struct push *push = arg;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(store_image_release) struct store_image image = STORE_IMAGE_INIT;
    int rc = settings_ref(text, &ref, err);
    if (!rc)
        rc = store_get(push->transfer.store, &ref, &image, err);
    if (rc)
        return rc;
    rc = push_image(push, &ref, &image, err);
    return rc ? err_wrap(err, "push %s", ref.full) : 0;
}

static int push(const struct cli *cli, void *opaque, struct err *err)
{
    const struct push_args *args = opaque;
    AUTO(push_release) struct push push = {0};
    int rc = packing_read(&args->packing, &push.packing, err);
    if (!rc)
        rc = transfer_begin(cli, &args->transfer, args->store, &push.transfer, err);
    return rc ? rc : each_arg(cli, push_one, &push, err);
}

static void defaults(void *opaque)
{
    transfer_defaults(&((struct push_args *)opaque)->transfer);
}

static const struct option options[] = {
    PACKING_OPTIONS(struct push_args),
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
