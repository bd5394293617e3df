/* wasme copy: an image from one registry or store to another, with the same digest. */
#include "base/mem.h"
#include "cmd/fetch_args.h"
#include "cmd/log.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "store/transit/copy.h"

struct copy_args {
    struct transfer_args transfer;
    const char *store;
    const char *to_store;
    struct fetch_args fetch;
};

/* A copy, with all that it needs. */
struct copy_job {
    struct copy copy;
    struct transfer transfer;
    struct store *to_store; /* owned; NULL: the store of the transfer */
    struct platform platform;
    bool from_store, to_any_store; /* the arguments say store:REF */
};

static void job_release(struct copy_job *job)
{
    ref_release(&job->copy.from.ref);
    ref_release(&job->copy.to.ref);
    store_close(job->to_store);
    platform_release(&job->platform);
    transfer_end(&job->transfer);
}

static int read_place(const char *text, struct copy_place *out, bool *in_store, struct err *err)
{
    const char *local = settings_in_store(text);
    *in_store = local != NULL;
    return settings_ref(local ? local : text, &out->ref, err);
}

static void report(const struct copy *copy)
{
    const struct ref *to = &copy->to.ref;
    if (copy->unchanged)
        log_infof("Unchanged: %s has all of it already", to->full);
    else
        log_infof("Copied %s", copy->from.ref.full);
    log_infof("Digest: %s (image manifest)", copy->digest.text);
    transfer_print(to, &copy->digest);
}

static int read_places(const struct cli *cli, const struct copy_args *args, struct copy_job *job,
                       struct err *err)
{
    const struct ref *to = &job->copy.to.ref;
    int rc = read_place(cli->args[0], &job->copy.from, &job->from_store, err);
    if (!rc)
        rc = read_place(cli->args[1], &job->copy.to, &job->to_any_store, err);
    if (!rc && args->to_store && !job->to_any_store)
        rc = err_set(err, ERR_USAGE, "copy: --to-store is for a target in a store, store:REF");
    if (!rc && job->to_any_store && to->digest.text[0] && job->from_store)
        rc = err_set(err, ERR_USAGE, "copy: %s: the target gets a tag, not a digest", to->full);
    return rc;
}

static int begin(const struct cli *cli, const struct copy_args *args, struct copy_job *job,
                 struct err *err)
{
    struct copy *copy = &job->copy;
    int rc = read_places(cli, args, job, err);
    if (!rc)
        rc = fetch_args_read(&args->fetch, &job->platform, &copy->wish, err);
    if (!rc && args->to_store)
        rc = store_open(args->to_store, &job->to_store, err);
    if (!rc)
        rc = transfer_open(cli, &args->transfer, args->store, &job->transfer, err);
    if (rc)
        return rc;
    struct store *own = job->transfer.store;
    copy->from.store = job->from_store ? own : NULL;
    copy->to.store = !job->to_any_store ? NULL : job->to_store ? job->to_store : own;
    copy->registry = job->transfer.registry;
    copy->spool_dir = settings_tmp();
    copy->notice = &log_notice;
    return 0;
}

static int copy(const struct cli *cli, void *opaque, struct err *err)
{
    AUTO(job_release) struct copy_job job = {0};
    int rc = begin(cli, opaque, &job, err);
    if (rc)
        return rc;
    AUTO_FREE char *title = mem_printf("Copying %s", job.copy.from.ref.full);
    log_info(title, NULL);
    progress_begin(title, "image");
    rc = copy_run(&job.copy, err);
    progress_end();
    if (rc)
        return err_wrap(err, "copy %s to %s", cli->args[0], cli->args[1]);
    report(&job.copy);
    return 0;
}

static const struct option options[] = {
    OPT_TEXT(struct copy_args, to_store, 0, "to-store", "DIR", COMPLETE_DIR,
             "the store of the target store:REF, when that is not the source's store"),
    FETCH_OPTIONS(struct copy_args,
                  "refuse an image with more bytes to send; into a store, refuse a larger wasm",
                  "into a store: of an index, take the image for OS/ARCH"),
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
