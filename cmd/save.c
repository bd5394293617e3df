/* wasme save: images of the store into an archive that other tools read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/output.h"
#include "cmd/packing_args.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/transit/archive_write.h"
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

struct save_job {
    struct store *store;
    struct packing packing;
    struct output output;
    struct saved *images;
    size_t count;
};

static void save_release(struct save_job *save)
{
    for (size_t i = 0; i < save->count; i++) {
        outgoing_release(&save->images[i].out);
        store_image_release(&save->images[i].image);
        ref_release(&save->images[i].ref);
    }
    free(save->images);
    packing_release(&save->packing);
    output_release(&save->output);
    store_close(save->store);
}

static int add_image(struct save_job *save, const char *text, struct err *err)
{
    struct saved *saved = &save->images[save->count++];
    *saved = (struct saved){.image = STORE_IMAGE_INIT};
    int rc = settings_image(save->store, text, &saved->ref, &saved->image, err);
    if (!rc)
        rc = outgoing_prepare(&save->packing, save->store, &saved->image, &saved->out, err);
    if (saved->out.note)
        log_warning(saved->out.note, NULL);
    return rc;
}

static int begin(const struct cli *cli, const struct save_args *args, struct save_job *save,
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

static int write_archive(const struct save_job *save, struct err *err)
{
    AUTO_FREE struct archived *images = mem_zero(save->count, sizeof(*images));
    for (size_t i = 0; i < save->count; i++)
        images[i] = (struct archived){&save->images[i].ref, &save->images[i].out.bundle};
    return archive_write(save->output.fd, images, save->count, err);
}

static int save(const struct cli *cli, void *opaque, struct err *err)
{
    const struct save_args *args = opaque;
    AUTO(save_release) struct save_job job = {.output = OUTPUT_INIT};
    int rc = begin(cli, args, &job, err);
    if (!rc)
        rc = write_archive(&job, err);
    if (rc)
        rc = output_failed(&job.output, rc, err);
    if (!rc)
        rc = output_finish(&job.output, err);
    for (size_t i = 0; !rc && i < job.count; i++) {
        const struct digest *digest = &job.images[i].out.bundle.digest;
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
