#include "toolchain/optimize.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "toolchain/tool.h"

#define VERSION_MARKER "version "

static const struct tool wasm_opt = {
    .program = "wasm-opt",
    .install = "install the package binaryen, or build without --optimize",
    .stays = true,
};

/* The flag of each feature, as the newest versions of wasm-opt call it. An older one that does not
 * know the flag does not know the feature, or calls it by a name of its trial time. */
static const char *const feature_flags[FEATURE_COUNT] = {
    [FEATURE_MUTABLE_GLOBALS] = "--enable-mutable-globals",
    [FEATURE_SIGN_EXTENSION] = "--enable-sign-ext",
    [FEATURE_SAT_FLOAT] = "--enable-nontrapping-float-to-int",
    [FEATURE_MULTI_VALUE] = "--enable-multivalue",
    [FEATURE_BULK_MEMORY] = "--enable-bulk-memory",
    [FEATURE_REFERENCE_TYPES] = "--enable-reference-types",
    [FEATURE_SIMD] = "--enable-simd",
    [FEATURE_TAIL_CALLS] = "--enable-tail-call",
    [FEATURE_EXTENDED_CONST] = "--enable-extended-const",
    [FEATURE_EXCEPTIONS] = "--enable-exception-handling",
    [FEATURE_GC] = "--enable-gc",
    [FEATURE_MEMORY64] = "--enable-memory64",
    [FEATURE_MULTI_MEMORY] = "--enable-multimemory",
    [FEATURE_RELAXED_SIMD] = "--enable-relaxed-simd",
    [FEATURE_THREADS] = "--enable-threads",
    [FEATURE_WIDE_ARITHMETIC] = "--enable-wide-arithmetic",
    [FEATURE_STACK_SWITCHING] = "--enable-stack-switching",
    [FEATURE_CUSTOM_PAGE_SIZES] = "--enable-custom-page-sizes",
};

/* The features that have flags: wasm-opt counts some as parts of others, or has them only together
 * with others. */
static uint32_t with_flags(uint32_t features)
{
    static const struct {
        enum feature feature, needs;
    } rows[] = {
        {FEATURE_TYPED_REFS, FEATURE_GC},
        {FEATURE_STACK_SWITCHING, FEATURE_GC},
        {FEATURE_GC, FEATURE_REFERENCE_TYPES},
        {FEATURE_LEGACY_EXCEPTIONS, FEATURE_EXCEPTIONS},
        {FEATURE_EXCEPTIONS, FEATURE_REFERENCE_TYPES},
        {FEATURE_RELAXED_SIMD, FEATURE_SIMD},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (features & 1u << rows[i].feature)
            features |= 1u << rows[i].needs;
    }
    return features;
}

void optimize_add_features(uint32_t features, struct args *args)
{
    features = with_flags(features);
    /* The flag before the others takes away what wasm-opt allows by itself. */
    args_add(args, "--mvp-features");
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        if (features & 1u << i && feature_flags[i])
            args_add(args, feature_flags[i]);
    }
}

static bool is_machine_code(const struct module_section *section)
{
    static const char prefix[] = "precompiled_";
    return section->name && (strncmp(section->name, prefix, sizeof(prefix) - 1) == 0 ||
                             strcmp(section->name, "wasmedge") == 0);
}

static int refuse_machine_code(const char *path, const struct module *module, struct err *err)
{
    for (size_t i = 0; i < module->section_count; i++) {
        if (is_machine_code(&module->sections[i]))
            return err_set(
                err, ERR_FAILED,
                "%s has machine code for a host in its section %s, which would stay that "
                "of the old module: optimize before that code is made",
                path, module->sections[i].name);
    }
    return 0;
}

static int read_module(const char *path, struct module *module, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    off_t size = 0;
    int rc = file_open_regular(path, &fd, &size, err);
    return rc ? rc : module_read(fd, path, module, err);
}

/* The output is "wasm-opt version 108 (version_108)", or without the parentheses. */
int optimize_find(const struct build_request *request, char **name, struct err *err)
{
    static const char *const argv[] = {"wasm-opt", "--version", NULL};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    const struct tool_call call = {
        .tool = &wasm_opt,
        .what = "wasm-opt --version",
        .argv = argv,
        .place = {.quiet = true, .interrupted = request->interrupted},
    };
    int rc = tool_probe(&call, &text, err);
    if (rc)
        return err_wrap(err, "--optimize");
    const char *found = strstr(buf_text(&text), VERSION_MARKER);
    found = found ? found + strlen(VERSION_MARKER) : "";
    size_t len = strspn(found, "0123456789");
    *name = len ? mem_printf("wasm-opt %.*s", (int)len, found) : mem_dup("wasm-opt");
    return 0;
}

static int run(const struct build_request *request, const char *const *argv, const char *name,
               struct err *err)
{
    const struct tool_call call = {
        .tool = &wasm_opt,
        .what = name,
        .argv = argv,
        .place = {.interrupted = request->interrupted},
    };
    return tool_build(request, &call, NULL, err);
}

/* Runs the program; the words of a failure say which extensions a newer one might know. */
static int run_for(const struct build_request *request, const char *const *argv, const char *name,
                   const struct module *module, struct err *err)
{
    int rc = run(request, argv, name, err);
    if (rc != ERR_FAILED || !module->features)
        return rc;
    AUTO_FREE char *words = features_words(module->features);
    AUTO_FREE char *said = mem_dup(err_text(err));
    return err_set(err, rc,
                   "%s; the module uses %s, and a newer binaryen may know what this one does not",
                   said, words);
}

static void add_command(const struct optimize_job *job, const char *made,
                        const struct module *module, struct args *args)
{
    args_add(args, wasm_opt.program);
    args_add(args, "--strip-dwarf"); /* before -O2, which debug information holds back */
    args_add(args, "-O2");
    if (job->names)
        args_add(args, "-g");
    optimize_add_features(module->features, args);
    args_add(args, job->path);
    args_add(args, "-o");
    args_add(args, made);
}

static int optimize(const struct build_request *request, const struct optimize_job *job,
                    const char *made, struct err *err)
{
    AUTO(args_release) struct args args = {0};
    AUTO(module_release) struct module before = {0};
    AUTO(module_release) struct module after = {0};
    int rc = read_module(job->path, &before, err);
    if (!rc)
        rc = refuse_machine_code(job->path, &before, err);
    if (rc)
        return rc;
    add_command(job, made, &before, &args);
    (void)unlink(made); /* that of an earlier run in the same folder */
    rc = run_for(request, args.items, job->name, &before, err);
    if (rc)
        return rc;
    rc = read_module(made, &after, err);
    return rc ? err_wrap(err, "the output of %s", job->name) : 0;
}

int optimize_module(const struct build_request *request, const struct optimize_job *job, char **out,
                    struct err *err)
{
    AUTO_FREE char *made = mem_printf("%s/optimized.wasm", request->work_dir);
    int rc = optimize(request, job, made, err);
    if (rc)
        return err_wrap(err, "--optimize");
    *out = STEAL(made);
    return 0;
}
