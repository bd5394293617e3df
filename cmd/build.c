/* wasme build: from source, or a finished .wasm file, to an image in the local store. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/host_args.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/packing_args.h"
#include "cmd/settings.h"
#include "cmd/workdir.h"
#include "image/media_type.h"
#include "image/runtime_config.h"
#include "store/transit/arrival.h"
#include "toolchain/toolchain.h"

struct build_args {
    const char *tag;
    const char *config;
    const char *tmp_dir;
    const char *store;
    struct packing_args packing;
    struct host_args hosts;
};

/* Reads a runtime config that -c names, or that was found, and writes its canonical form. */
static int read_config(const char *path, bool named, struct buf *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(RUNTIME_CONFIG_MAX);
    AUTO(runtime_config_release) struct runtime_config config = {0};
    int rc =
        named ? file_read_named(path, &text, err) : file_read(AT_FDCWD, path, NULL, &text, err);
    if (rc)
        return rc;
    rc = runtime_config_parse(buf_text(&text), text.len, &config, err);
    if (rc)
        return err_wrap(err, "%s", path);
    runtime_config_write(&config, out);
    return 0;
}

/* The path of runtime-config.json in the source folder, or beside the source file. */
static char *config_beside(const char *source)
{
    struct stat info;
    if (stat(source, &info) == 0 && S_ISDIR(info.st_mode))
        return mem_printf("%s/%s", source, TITLE_CONFIG);
    const char *slash = strrchr(source, '/');
    int len = slash ? (int)(slash - source) + 1 : 0;
    return mem_printf("%.*s%s", len, source, TITLE_CONFIG);
}

/* Reads the config of -c, else the one beside the source; without both, `out` stays empty. */
static int find_config(const struct build_args *args, const char *source, struct buf *out,
                       struct err *err)
{
    if (args->config)
        return read_config(args->config, true, out, err);
    AUTO_FREE char *beside = config_beside(source);
    if (access(beside, F_OK) != 0)
        return 0;
    return read_config(beside, false, out, err);
}

/* Keeps a config that was read; else makes one from the module. */
static int settle_config(const struct builder *builder, const struct arrival *arrival,
                         struct buf *config, struct err *err)
{
    if (!config->len && arrival->abi_count == 0 && builder->no_abi)
        return err_set(
            err, ERR_FAILED,
            "the module that %s made exports no ABI version, so that no proxy would load "
            "it: %s",
            builder->name, builder->no_abi);
    if (!config->len && arrival->abi_count == 0)
        return err_set(err, ERR_FAILED,
                       "no runtime config: the module exports no ABI version to make one from, so "
                       "name a runtime-config.json with -c");
    if (!config->len)
        arrival_make_config(arrival, config);
    if (buf_overflowed(config))
        return err_set(err, ERR_FAILED, "the runtime config is larger than %d bytes",
                       RUNTIME_CONFIG_MAX);
    return 0;
}

static void report(const struct ref *ref, const struct descriptor *layer,
                   const struct digest *manifest)
{
    log_info("tagged image", "image", ref->full, "manifest", manifest->text, "wasm",
             layer->digest.text, NULL);
    printf("%s@%s\n", ref->full, manifest->text);
}

/* Copies the module into the store. The copy is checked and hashed, since the file may change
 * meanwhile. */
static int copy_in(const char *path, int to, struct arrival *arrival, struct descriptor *layer,
                   struct err *err)
{
    AUTO_CLOSE int from = -1;
    off_t size = 0;
    struct digest digest;
    long long copied = 0;
    int rc = file_open_regular(path, &from, &size, err);
    if (rc)
        return rc;
    rc = file_copy(from, to, err);
    if (rc)
        return err_wrap(err, "copy %s into the store", path);
    rc = arrival_read(to, path, &log_notice, arrival, err);
    if (!rc)
        rc = digest_of_fd(to, &digest, &copied, err);
    if (!rc)
        descriptor_init(layer, MEDIA_WASM_LAYER, &digest, copied, TITLE_WASM);
    return rc;
}

/* A build whose arguments are checked. */
struct build_job {
    const struct build_args *args;
    const struct builder *builder;
    struct ref ref;
    struct packing packing;
    struct host_wish hosts;
    const volatile int *interrupted; /* NULL: a signal ends the process at once */
};

static void job_release(struct build_job *job)
{
    ref_release(&job->ref);
    packing_release(&job->packing);
    host_wish_release(&job->hosts);
}

static int add_filter(const struct build_job *job, const char *path, struct buf *config,
                      struct err *err)
{
    AUTO(store_close_at) struct store *store = NULL;
    AUTO(store_file_end_at) struct store_file *wasm = NULL;
    AUTO(arrival_release) struct arrival arrival = {0};
    AUTO(descriptor_release) struct descriptor layer = {0};
    AUTO(packed_release) struct packed packed = {0};
    int rc = settings_store(job->args->store, &store, err);
    if (!rc)
        rc = store_file_begin(store, NULL, &wasm, err);
    if (!rc)
        rc = copy_in(path, store_file_fd(wasm), &arrival, &layer, err);
    if (!rc)
        rc = settle_config(job->builder, &arrival, config, err);
    if (!rc)
        rc = host_wish_judge(&job->hosts, store_file_fd(wasm), path, err);
    if (rc)
        return rc;
    log_info("adding image to cache...", "filter file", path, "tag", job->args->tag, NULL);
    const struct filter filter = {&layer, store_file_fd(wasm), buf_text(config), config->len};
    struct store_parts parts = store_parts_of(&filter, wasm);
    rc = packing_make_hashed(&job->packing, store, &filter, &packed, err);
    if (!rc && job->packing.asked) /* else the four files of an image tell the whole manifest */
        packed_keep(&packed, &parts);
    if (!rc && job->interrupted && *job->interrupted)
        rc = err_set(err, ERR_INTERRUPTED, "build: interrupted");
    if (!rc)
        rc = store_commit(store, &job->ref, &parts, err);
    if (!rc)
        report(&job->ref, &layer, &packed.package.digest);
    return rc;
}

static void tell_command(void *arg, const char *line)
{
    fprintf(stderr, "Building with %s...\n$ %s\n", (const char *)arg, line);
}

static int run_builder(const struct cli *cli, const struct build_job *job, struct err *err)
{
    const struct builder *builder = job->builder;
    const char *source = cli->args[1];
    AUTO(buf_release) struct buf config = BUF_INIT(RUNTIME_CONFIG_MAX);
    int rc = find_config(job->args, source, &config, err);
    if (rc)
        return rc;
    AUTO(workdir_remove) struct workdir work = {0};
    rc = builder->needs_work_dir ? workdir_make(&work, job->args->tmp_dir, err) : 0;
    if (rc)
        return rc;
    struct build_request request = {
        .source = source,
        .work_dir = work.path,
        .extra = cli->rest,
        .notice = &log_notice,
        .command = tell_command,
        .command_arg = (void *)(uintptr_t)builder->name,
        .interrupted = job->interrupted,
        .variable = getenv,
    };
    AUTO_FREE char *path = NULL;
    rc = builder->build(&request, &path, err);
    return rc ? rc : add_filter(job, path, &config, err);
}

/* Reads --tag. Other tools take a path behind -t or -o; the error explains the difference. */
static int read_tag(const char *text, struct ref *ref, struct err *err)
{
    if (strchr("./~", text[0]) && text[0])
        return err_set(err, ERR_USAGE,
                       "build: --tag %s: that is a path, and the image is named by a reference: "
                       "[REGISTRY/]NAME[:TAG], as in filter:v1",
                       text);
    int rc = settings_ref(text, ref, err);
    return rc ? err_wrap(err, "build: --tag") : 0;
}

static int build(const struct cli *cli, void *opaque, struct err *err)
{
    const struct build_args *args = opaque;
    AUTO(job_release) struct build_job job = {.args = args};
    job.builder = builder_find(cli->args[0]);
    int rc = read_tag(args->tag, &job.ref, err);
    if (!rc && job.ref.digest.text[0])
        rc = err_set(err, ERR_USAGE, "build: --tag %s: a new image gets a tag, not a digest",
                     args->tag);
    if (!rc)
        rc = packing_args_read(&args->packing, &job.packing, err);
    if (!rc)
        rc = host_wish_read(cli, &args->hosts, &job.hosts, err);
    if (!rc && job.builder->needs_work_dir)
        job.interrupted = interrupt_catch_for_child();
    return rc ? rc : run_builder(cli, &job, err);
}

/* The word for a language at that place; `builder` becomes the builder that the word stands for. */
static const char *language_at(size_t at, const struct builder **builder)
{
    for (const struct builder *const *b = builders; *b; b++) {
        *builder = *b;
        if ((*b)->build && at-- == 0)
            return (*b)->name;
        if ((*b)->build && (*b)->alias && at-- == 0)
            return (*b)->alias;
    }
    return NULL;
}

static const char *language_name(size_t at)
{
    const struct builder *builder = NULL;
    return language_at(at, &builder);
}

static const char *language_help(size_t at)
{
    const struct builder *builder = NULL;
    return language_at(at, &builder) ? builder->summary : NULL;
}

static const struct option options[] = {
    OPT_TEXT(struct build_args, tag, 't', "tag", "REF", COMPLETE_REF, "name the image REF",
             .required = true),
    OPT_TEXT(struct build_args, config, 'c', "config", "FILE", COMPLETE_FILE,
             "take the runtime config from FILE",
             .otherwise = "runtime-config.json in or beside SOURCE"),
    OPT_TEXT(struct build_args, tmp_dir, 0, "tmp-dir", "DIR", COMPLETE_DIR,
             "put intermediate output into DIR, and leave it there"),
    PACKING_OPTIONS(struct build_args, "oci"),
    HOST_OPTIONS(struct build_args),
    STORE_OPTION(struct build_args, store),
    OPT_END,
};

extern const struct command build_command;
const struct command build_command = {
    .name = "build",
    .summary = "build an image from source, or from a finished .wasm file",
    .details = "FLAGS go to the language's compiler. Without a runtime-config.json, the\n"
               "config is made from the ABI version that the module exports.\n"
               "Prints REF@DIGEST, with the digest that the image's manifest will have.",
    .example = "wasme build tinygo ~/projects/filter -t harbor.example/base/filter:v1",
    .positionals = POSITIONALS({.name = "LANGUAGE",
                                .help = "the language and its compiler",
                                .values = language_name,
                                .value_help = language_help},
                               {.name = "SOURCE",
                                .help = "the folder of the source; for precompiled the .wasm file",
                                .complete = COMPLETE_FILE}),
    .passes_rest = true,
    .options = options,
    .args_size = sizeof(struct build_args),
    .run = build,
};
