/* wasme save: images of the store into an archive that other tools read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tar_write.h"
#include "cmd/log.h"
#include "cmd/output.h"
#include "cmd/packing_args.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "image/layout.h"
#include "store/transit/outgoing.h"

struct save_args {
    struct packing_args packing;
    const char *output;
    const char *store;
};

/* An image that goes into the archive. */
struct saved {
    struct ref ref;
    struct store_image image;
    struct outgoing out;
};

struct save {
    struct store *store;
    struct packing packing;
    struct output output;
    struct saved *images;
    size_t count;
    struct digest *written; /* blobs that the archive has */
    size_t written_count;
};

static void save_release(struct save *save)
{
    for (size_t i = 0; i < save->count; i++) {
        outgoing_release(&save->images[i].out);
        store_image_release(&save->images[i].image);
        ref_release(&save->images[i].ref);
    }
    free(save->images);
    free(save->written);
    packing_release(&save->packing);
    output_release(&save->output);
    store_close(save->store);
}

static int add_image(struct save *save, const char *text, struct err *err)
{
    struct saved *saved = &save->images[save->count++];
    *saved = (struct saved){.image = STORE_IMAGE_INIT};
    int rc = settings_ref(text, &saved->ref, err);
    if (!rc)
        rc = store_get(save->store, &saved->ref, &saved->image, err);
    if (!rc)
        rc = outgoing_prepare(&save->packing, save->store, &saved->image, &saved->out, err);
    if (saved->out.note)
        log_warning(saved->out.note, NULL);
    return rc;
}

/* Whether it is new to the archive; from now on it is not. */
static bool is_new(struct save *save, const struct digest *digest)
{
    for (size_t i = 0; i < save->written_count; i++)
        if (digest_equal(&save->written[i], digest))
            return false;
    save->written = mem_resize(save->written, save->written_count + 1, sizeof(*save->written));
    save->written[save->written_count++] = *digest;
    return true;
}

static int write_blob(struct save *save, struct tar_writer *tar, const struct registry_blob *blob,
                      struct err *err)
{
    const struct descriptor *descriptor = blob->descriptor;
    struct digest found;
    long long size = 0;
    if (!is_new(save, &descriptor->digest))
        return 0;
    AUTO_FREE char *name = mem_printf(LAYOUT_BLOBS "%s", digest_hex(&descriptor->digest));
    if (blob->data)
        return tar_add(tar, name, blob->data, (size_t)descriptor->size, err);
    int rc = digest_of_fd(blob->fd, &found, &size, err);
    if (!rc && !digest_equal(&found, &descriptor->digest))
        rc = err_set(err, ERR_DAMAGED, "its layer %s is damaged: build or pull the image again",
                     descriptor->digest.text);
    return rc ? rc : tar_add_fd(tar, name, blob->fd, descriptor->size, err);
}

static int write_image(struct save *save, struct tar_writer *tar, const struct saved *saved,
                       struct err *err)
{
    const struct outgoing *out = &saved->out;
    const struct digest *digest = outgoing_digest(out);
    AUTO_FREE char *name = mem_printf(LAYOUT_BLOBS "%s", digest_hex(digest));
    int rc = 0;
    for (size_t i = 0; !rc && i < out->blob_count; i++)
        rc = write_blob(save, tar, &out->blobs[i], err);
    if (!rc && is_new(save, digest))
        rc = tar_add(tar, name, buf_text(out->manifest), out->manifest->len, err);
    return rc ? err_wrap(err, "%s", saved->ref.full) : 0;
}

static void write_index(const struct save *save, struct buf *out)
{
    AUTO_FREE struct layout_image *images = mem_zero(save->count, sizeof(*images));
    for (size_t i = 0; i < save->count; i++) {
        const struct saved *saved = &save->images[i];
        images[i] = (struct layout_image){
            .media_type = saved->out.media_type,
            .digest = *outgoing_digest(&saved->out),
            .size = (long long)saved->out.manifest->len,
            .name = saved->ref.full,
            .tag = saved->ref.tag,
        };
    }
    layout_write_index(images, save->count, out);
}

static int write_archive(struct save *save, struct err *err)
{
    AUTO(tar_abandon_at) struct tar_writer *tar = NULL;
    AUTO(buf_release) struct buf index = BUF_INIT(MANIFEST_MAX);
    int rc = tar_create(save->output.fd, "the archive", TAR_PLAIN, &tar, err);
    write_index(save, &index);
    if (!rc && buf_overflowed(&index))
        rc = err_set(err, ERR_FAILED, "too many images for one archive");
    if (!rc)
        rc = tar_add(tar, LAYOUT_FILE, LAYOUT_FILE_TEXT, strlen(LAYOUT_FILE_TEXT), err);
    if (!rc)
        rc = tar_add(tar, LAYOUT_INDEX, buf_text(&index), index.len, err);
    for (size_t i = 0; !rc && i < save->count; i++)
        rc = write_image(save, tar, &save->images[i], err);
    return rc ? rc : tar_finish(tar, err);
}

static int begin(const struct cli *cli, const struct save_args *args, struct save *save,
                 struct err *err)
{
    int rc = packing_args_read(&args->packing, &save->packing, err);
    if (!rc)
        rc = settings_store(args->store, &save->store, err);
    save->images = mem_zero(cli->arg_count, sizeof(*save->images));
    for (size_t i = 0; !rc && i < cli->arg_count; i++)
        rc = add_image(save, cli->args[i], err);
    return rc ? rc : output_open(&save->output, args->output, err);
}

static int save(const struct cli *cli, void *opaque, struct err *err)
{
    const struct save_args *args = opaque;
    AUTO(save_release) struct save job = {.output = OUTPUT_INIT};
    int rc = begin(cli, args, &job, err);
    if (!rc)
        rc = write_archive(&job, err);
    if (rc)
        rc = output_failed(&job.output, rc, err);
    if (!rc)
        rc = output_finish(&job.output, err);
    for (size_t i = 0; !rc && i < job.count; i++) {
        const struct digest *digest = outgoing_digest(&job.images[i].out);
        log_info("saved image", "file", args->output, "image", job.images[i].ref.full, "manifest",
                 digest->text, NULL);
        if (!job.output.is_stdout)
            transfer_print(&job.images[i].ref, digest);
    }
    return rc;
}

static const struct option options[] = {
    OPT_TEXT(struct save_args, output, 'o', "output", "FILE", COMPLETE_FILE,
             "write the archive to FILE (-: standard output)", .required = true),
    PACKING_OPTIONS(struct save_args, STORED_FORM),
    STORE_OPTION(struct save_args, store),
    OPT_END,
};

extern const struct command save_command;
const struct command save_command = {
    .name = "save",
    .summary = "write images of the local store into an OCI layout archive",
    .details = "skopeo, oras, podman, Docker and `wasme load` can read the archive.\n"
               "Prints REF@DIGEST of each.",
    .example = "wasme save filter:v1 filter:v2 -o filters.tar",
    .positionals = POSITIONALS({.name = "REF",
                                .help = "an image of the local store",
                                .repeated = true,
                                .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct save_args),
    .run = save,
};
