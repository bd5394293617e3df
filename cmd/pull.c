/* wasme pull: fetches images from registries into the local store, or their wasm into a file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/each.h"
#include "cmd/fetch_args.h"
#include "cmd/host_args.h"
#include "cmd/log.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "cmd/transfer.h"
#include "cmd/workdir.h"
#include "store/transit/keep_queue.h"

/* The number of images that are fetched at a time, with all their files open. */
enum { BATCH = 64 };

struct pull_args {
    struct transfer_args transfer;
    const char *store;
    const char *output;
    struct fetch_args fetch;
    struct host_args hosts;
};

struct pull_job {
    struct transfer transfer;
    struct fetch_wish wish;
    struct output output;
    struct workdir work;      /* with --output: the folder for the blobs */
    struct store *folder;     /* with --output: the same folder, as a store; else NULL */
    struct keep_queue *queue; /* of the batch */
    size_t asked;             /* images in all */
    size_t kept;              /* how many of them are done */
    struct platform platform;
    struct host_wish hosts;
};

static void pull_release(struct pull_job *pull)
{
    output_release(&pull->output);
    store_close(pull->folder);
    workdir_remove(&pull->work);
    platform_release(&pull->platform);
    host_wish_release(&pull->hosts);
    transfer_end(&pull->transfer);
}

/* Shows, when there are several images, how many are done. */
static void show_count(struct pull_job *pull, size_t more)
{
    pull->kept += more;
    if (pull->asked > 1)
        progress_images(pull->kept, pull->asked);
}

static int judge(const struct pull_job *pull, const struct fetched *item, struct err *err)
{
    return host_wish_judge(&pull->hosts, store_file_fd(item->wasm), item->ref->full, err);
}

/* Puts the image into the store soon, while the other images are still on their way. */
static void keep_soon(void *arg, struct fetched *item)
{
    struct pull_job *pull = arg;
    if (!item->present)
        item->rc = judge(pull, item, &item->err);
    if (!item->present && !item->rc)
        keep_queue_add(pull->queue, item);
    show_count(pull, 1);
}

static int write_output(struct pull_job *pull, const struct fetched *item, struct err *err)
{
    int fd = store_file_fd(item->wasm);
    int rc = output_adopt(&pull->output, fd) ? 0 : file_send(fd, pull->output.fd, err);
    if (rc)
        return output_failed(&pull->output, err_wrap(err, "--output %s", pull->output.path), err);
    return output_finish(&pull->output, err);
}

static int finish_one(struct pull_job *pull, struct fetched *item, struct err *err)
{
    const struct ref *ref = item->ref;
    int rc = err_move(err, &item->err);
    if (!rc && !item->present)
        keep_tell_form(item, &log_notice);
    if (!rc && pull->output.path)
        rc = judge(pull, item, err);
    if (!rc && pull->output.path)
        rc = write_output(pull, item, err);
    if (rc)
        return err_wrap(err, "pull %s", ref->full);
    log_infof("Image: %s%s", ref->full, item->present ? " (unchanged)" : "");
    transfer_report(ref, &item->raw.digest, &item->wasm_digest, !pull->output.is_stdout);
    return 0;
}

static int pull_batch(struct pull_job *pull, struct each_result *result, const struct ref *refs,
                      size_t count, struct err *err)
{
    struct fetched *items = mem_zero(count, sizeof(*items));
    AUTO_FREE char *title = count == 1 ? mem_printf("Pulling image %s", refs[0].full)
                                       : mem_printf("Pulling %zu images", count);
    for (size_t i = 0; i < count; i++) {
        items[i].ref = &refs[i];
        log_infof("Pulling image %s", refs[i].full);
    }
    progress_begin(title, "filter.wasm");
    show_count(pull, 0);
    const struct image_source source = source_from_registry(pull->transfer.registry);
    pull->queue = keep_queue_new(pull->transfer.store, count, &log_notice);
    int rc = fetch_images(&source, &pull->wish, items, count, err);
    keep_queue_end(STEAL(pull->queue));
    progress_end();
    for (size_t i = 0; i < count; i++) {
        if (!rc)
            each_take(result, finish_one(pull, &items[i], err), err);
        fetched_release(&items[i]);
    }
    free(items);
    if (rc && count > 1)
        return err_wrap(err, "pull %s and %zu more", refs[0].full, count - 1);
    return rc ? err_wrap(err, "pull %s", refs[0].full) : 0;
}

/* Raises the limit of open files as far as the system allows: each layer of a batch is an open
 * file. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int pull_all(struct pull_job *pull, const struct cli *cli, struct err *err)
{
    AUTO(each_result_release)
    struct each_result result = {.command = cli->command->name, .count = cli->arg_count};
    raise_file_limit();
    pull->asked = cli->arg_count;
    for (size_t i = 0; i < cli->arg_count;) {
        struct ref refs[BATCH] = {0};
        size_t count = 0;
        int rc = 0;
        for (; i < cli->arg_count && count < BATCH; i++) {
            if (settings_ref(cli->args[i], &refs[count], err) == 0)
                count++;
            else
                each_take(&result, err->code, err);
        }
        if (count)
            rc = pull_batch(pull, &result, refs, count, err);
        while (count)
            ref_release(&refs[--count]);
        if (rc)
            return rc;
    }
    return each_finish(&result, err);
}

/* Fetches the wasm for --output into a new folder, which no other user can write to. */
static int open_output(struct pull_job *pull, const char *path, struct err *err)
{
    int rc = output_open(&pull->output, path, err);
    if (!rc)
        rc = workdir_make(&pull->work, NULL, err);
    return rc ? rc : store_open(pull->work.path, &pull->folder, err);
}

static int begin(const struct cli *cli, const struct pull_args *args, struct pull_job *pull,
                 struct err *err)
{
    struct fetch_wish *wish = &pull->wish;
    if (args->output && cli->arg_count > 1)
        return err_set(err, ERR_USAGE, "--output is for one image, and these are %zu",
                       cli->arg_count);
    int rc = fetch_args_read(&args->fetch, &pull->platform, wish, err);
    if (!rc)
        rc = host_wish_read(cli, &args->hosts, &pull->hosts, err);
    if (!rc)
        rc = transfer_open(cli, &args->transfer, args->store, &pull->transfer, err);
    if (!rc && args->output)
        rc = open_output(pull, args->output, err);
    if (rc)
        return rc;
    wish->look_in = pull->transfer.store;
    if (args->output) {
        wish->store = pull->folder;
        wish->whole = false;
        return 0;
    }
    wish->store = pull->transfer.store;
    wish->keep = !pull->hosts.count; /* a host that is required judges what is here, too */
    wish->done = keep_soon;
    wish->done_arg = pull;
    return 0;
}

static int pull(const struct cli *cli, void *opaque, struct err *err)
{
    AUTO(pull_release) struct pull_job pull = {.output = OUTPUT_INIT};
    int rc = begin(cli, opaque, &pull, err);
    return rc ? rc : pull_all(&pull, cli, err);
}

static const struct option options[] = {
    OPT_TEXT(struct pull_args, output, 'o', "output", "FILE", COMPLETE_FILE,
             "write the wasm alone to FILE (-: standard output), not into the store"),
    FETCH_OPTIONS(struct pull_args, MAX_SIZE_HELP, PLATFORM_HELP),
    HOST_OPTIONS(struct pull_args),
    TRANSFER_OPTIONS(struct pull_args),
    STORE_OPTION(struct pull_args, store),
    OPT_END,
};

extern const struct command pull_command;
const struct command pull_command = {
    .name = "pull",
    .summary = "fetch images from their registries into the local store",
    .details = "Prints REF@DIGEST of each, with the digest of the image's manifest.",
    .example = "wasme pull harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "REF",
                                .help = "an image of a registry",
                                .repeated = true,
                                .complete = COMPLETE_REF}),
    .options = options,
    .args_size = sizeof(struct pull_args),
    .run = pull,
};
