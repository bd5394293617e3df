/* wasme build: from source, or a finished .wasm file, to an image in the local store. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/build_finish.h"
#include "cmd/build_container.h"
#include "cmd/build_image.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/workdir.h"
#include "toolchain/args.h"
#include "toolchain/detect.h"
#include "toolchain/optimize.h"
#include "toolchain/toolchain.h"

static void job_release(struct build_job *job)
{
    store_close(job->store);
    ref_release(&job->ref);
    packing_release(&job->packing);
    host_wish_release(&job->hosts);
}

static void tell_command(void *arg, const char *line)
{
    fprintf(stderr, "Building with %s...\n$ %s\n", (const char *)arg, line);
}

static void hand_on_talk(const void *data, size_t len)
{
    fwrite(data, 1, len, stderr);
}

static int run_builder(const struct cli *cli, struct build_job *job, struct err *err)
{
    const struct builder *builder = job->builder;
    AUTO(buf_release) struct buf config = BUF_INIT(RUNTIME_CONFIG_MAX);
    int rc = build_find_config(job->args, job->source, &config, err);
    if (rc)
        return rc;
    AUTO(workdir_remove) struct workdir work = {0};
    rc = build_needs_work_dir(job) ? workdir_make(&work, job->args->tmp_dir, err) : 0;
    if (rc)
        return rc;
    struct build_request request = {
        .source = job->source,
        .work_dir = work.path,
        .extra = cli->rest,
        .notice = &log_notice,
        .command = tell_command,
        .command_arg = (void *)(uintptr_t)builder->name,
        .talk = hand_on_talk,
        .interrupted = job->interrupted,
        .variable = getenv,
    };
    AUTO_FREE char *path = NULL, *optimizer = NULL;
    job->hosts.builder = builder;
    rc = job->args->optimize ? optimize_find(&request, &optimizer, err) : 0;
    if (!rc)
        rc = build_run(job, &request, &path, err);
    if (!rc && optimizer)
        rc = build_optimize(job, &request, optimizer, &path, err);
    return rc ? rc : build_add_image(job, path, &config, err);
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

/* Finds the language of the source, and tells it. */
static int detect(const struct cli *cli, struct build_job *job, struct err *err)
{
    const struct fit_request request = {.source = job->source,
                                        .in_image = job->args->image != NULL,
                                        .tags = args_value(cli->rest, "tags"),
                                        .variable = getenv,
                                        .interrupted = job->interrupted};
    AUTO(detection_release) struct detection found = {0};
    int rc = detect_builder(&request, job->args->tag, &found, err);
    if (rc)
        return err_wrap(err, "build");
    job->builder = found.builder;
    log_infof("%s: LANGUAGE %s, since %s", request.source, found.builder->name, found.why);
    return 0;
}

/* A single word is the source. The name of a language is one only where a file has that name. */
static int settle_builder(const struct cli *cli, struct build_job *job, struct err *err)
{
    const char *language = cli->args[0], *source = cli->args[1];
    if (!language && builder_find(source) && access(source, F_OK) != 0)
        return err_set(err, ERR_USAGE,
                       "build: %s is a language, and nothing here has that name: name the source, "
                       "too, as in `wasme build %s . -t %s`",
                       source, source, job->args->tag);
    if (!language)
        return detect(cli, job, err);
    job->builder = builder_find(language);
    return 0;
}

/* Fetches the source when it is in git, and builds it. */
static int build_source(const struct cli *cli, struct build_job *job, struct err *err)
{
    AUTO(build_source_close) struct build_source source = {0};
    int rc = build_source_open(&job->args->source, job->source, &job->packing, &source, err);
    if (rc)
        return rc;
    job->source = source.path;
    rc = settle_builder(cli, job, err);
    if (!rc)
        rc = build_check_container(job, err);
    if (!rc)
        rc = run_builder(cli, job, err);
    if (rc)
        build_source_name(&source, err);
    return rc;
}

static int build(const struct cli *cli, void *opaque, struct err *err)
{
    const struct build_args *args = opaque;
    AUTO(job_release)
    struct build_job job = {
        .args = args, .source = cli->args[1], .interrupted = interrupt_catch_for_child()};
    int rc = read_tag(args->tag, &job.ref, err);
    if (!rc && job.ref.digest.text[0])
        rc = err_set(err, ERR_USAGE, "build: --tag %s: a new image gets a tag, not a digest",
                     args->tag);
    if (!rc)
        rc = packing_args_read(&args->packing, &job.packing, err);
    if (!rc)
        rc = host_wish_read(cli, &args->hosts, &job.hosts, err);
    if (!rc) /* before the compiler does its work in vain */
        rc = settings_store(args->store, &job.store, err);
    job.hosts.fresh = true;
    return rc ? rc : build_source(cli, &job, err);
}

/* The word for a language at that place; `builder` becomes the builder that the word stands for. */
static const char *language_at(size_t at, const struct builder **builder)
{
    for (const struct builder *const *b = builders; *b; b++) {
        *builder = *b;
        if (at-- == 0)
            return (*b)->name;
        if ((*b)->alias && at-- == 0)
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
    OPT_TEXT(struct build_args, image, 'i', "image", "IMAGE", COMPLETE_NONE,
             "run the compiler of IMAGE, in docker or podman"),
    OPT_TEXT(struct build_args, tmp_dir, 0, "tmp-dir", "DIR", COMPLETE_DIR,
             "put intermediate output into DIR, and leave it there"),
    OPT_FLAG(struct build_args, optimize, 0, "optimize",
             "make the module faster and smaller with wasm-opt (binaryen)"),
    OPT_FLAG(struct build_args, strip, 0, "strip",
             "leave out debug information, function names and producers"),
    PACKING_OPTIONS(struct build_args, "oci"),
    BUILD_SOURCE_OPTIONS(struct build_args),
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
    .positionals =
        POSITIONALS({.name = "LANGUAGE",
                     .help = "the language and its compiler",
                     .otherwise = "found out from SOURCE",
                     .optional = true,
                     .complete = COMPLETE_FILE,
                     .values = language_name,
                     .value_help = language_help},
                    {.name = "SOURCE",
                     .help = "the folder of the source, URL#REF:DIR in git, or a .wasm file",
                     .complete = COMPLETE_FILE}),
    .passes_rest = true,
    .options = options,
    .args_size = sizeof(struct build_args),
    .run = build,
};
