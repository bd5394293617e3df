/* wasme build: from source, or a finished .wasm file, to an image in the local store. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/build_image.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/workdir.h"
#include "toolchain/toolchain.h"

static void job_release(struct build_job *job)
{
    ref_release(&job->ref);
    packing_release(&job->packing);
    host_wish_release(&job->hosts);
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
    int rc = build_find_config(job->args, source, &config, err);
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
    job.hosts.fresh = true;
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
