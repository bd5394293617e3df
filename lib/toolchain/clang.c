#include "toolchain/clang.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/clang_abi.h"
#include "toolchain/clang_kit.h"
#include "toolchain/clang_source.h"
#include "toolchain/output.h"
#include "toolchain/survey.h"
#include "toolchain/tool.h"

#define CLANG_NO_ABI                                                                               \
    "define a function proxy_abi_version_0_2_1, in C++ as extern \"C\", or use the proxy-wasm "    \
    "C++ SDK"
#define CXX17_SINCE 16 /* the first clang whose default is C++17, which the SDK needs */

static const struct tool_symptom symptoms[] = {
    {"undefined symbol: __cxa_", "a filter has no exceptions: leave out -fexceptions"},
    {"undefined symbol: ", "define the function in one of the files; a function that only your "
                           "host has needs __attribute__((import_module(\"env\")))"},
    {"' file not found", "name the folder of the header with -I behind --, or in "
                         "compile_flags.txt"},
    {"with exceptions disabled", "a filter has no exceptions: return an error instead"},
    {"with -fno-rtti", "give -- -frtti, or do without"},
    {"unknown argument", "change that flag behind -- or in compile_flags.txt"},
    {"unsupported option", "change that flag behind -- or in compile_flags.txt"},
    {NULL, NULL},
};

void clang_command_release(struct clang_command *command)
{
    free(command->target);
    free(command->sysroot);
    free(command->include);
    free(command->intrinsics);
    free(command->output);
    free(command->exports);
    free(command->imports);
    *command = (struct clang_command){0};
}

static void add_cxx(const struct clang_kit *kit, const struct clang_source *source,
                    struct args *args)
{
    args_add(args, "-fno-exceptions"); /* as the C++ library for WASI is built */
    args_add(args, "-fno-rtti");
    /* A flag for one language is refused for files of another. */
    if (source->cxx == source->files.count && version_before(&kit->version, CXX17_SINCE, 0))
        args_add(args, "-std=c++17");
}

static void add_sdk(const struct clang_source *source, struct clang_command *texts,
                    struct args *args)
{
    if (!source->sdk_in_flags) {
        texts->include = mem_printf("-I%s", source->sdk);
        args_add(args, texts->include);
    }
    /* The SDK's source uses errno, and includes it only by way of Emscripten's headers. */
    static const char *const errno_header[] = {"-include", "errno.h", NULL};
    args_add_all(args, errno_header);
}

void clang_command(const struct clang_kit *kit, const struct clang_source *source,
                   const char *const *extra, struct clang_command *texts, struct args *args)
{
    args_add(args, kit->program);
    texts->target = mem_printf("--target=%s", kit->target);
    args_add(args, texts->target);
    if (kit->sysroot) {
        texts->sysroot = mem_printf("--sysroot=%s", kit->sysroot);
        args_add(args, texts->sysroot);
    }
    args_add(args, "-mexec-model=reactor");
    args_add(args, "-O2");
    if (source->cxx)
        add_cxx(kit, source, args);
    if (source->sdk)
        add_sdk(source, texts, args);
    if (!args_value(extra, "o")) {
        args_add(args, "-o");
        args_add(args, texts->output);
    }
    args_add_all(args, (const char *const *)source->files.items);
    if (source->add_intrinsics) {
        texts->intrinsics = mem_printf("%s/proxy_wasm_intrinsics.cc", source->sdk);
        args_add(args, texts->intrinsics);
    }
    if (source->cxx) {
        args_add(args, "-lc++");
        args_add(args, "-lc++abi");
    }
    args_add(args, texts->exports);
    args_add(args, "-Xlinker");
    args_add(args, texts->imports);
    args_add_all(args, (const char *const *)source->flags.items);
    args_add_all(args, extra);
}

static int prepare(const struct build_request *request, struct clang_command *texts,
                   struct err *err)
{
    AUTO_FREE char *folder = realpath(request->work_dir, NULL);
    if (!folder)
        return err_errno(err, "folder for output %s", request->work_dir);
    AUTO_FREE char *exports = NULL;
    AUTO_FREE char *imports = NULL;
    int rc = output_choose(request, &texts->output, err);
    if (!rc)
        rc = clang_abi_write(folder, &exports, &imports, err);
    if (rc)
        return rc;
    texts->exports = mem_printf("@%s", exports);
    texts->imports = mem_printf("--allow-undefined-file=%s", imports);
    return 0;
}

static int run(const struct build_request *request, const struct clang_kit *kit,
               const struct clang_source *source, char **wasm_path, struct err *err)
{
    AUTO(clang_command_release) struct clang_command texts = {0};
    AUTO(args_release) struct args args = {0};
    int rc = prepare(request, &texts, err);
    if (rc)
        return rc;
    clang_command(kit, source, request->extra, &texts, &args);
    const struct tool_call call = {.tool = &clang_tool,
                                   .what = "clang",
                                   .argv = args.items,
                                   .symptoms = symptoms,
                                   .place = tool_place_of(request)};
    rc = output_build(request, &call, texts.output, err);
    if (!rc)
        *wasm_path = STEAL(texts.output);
    return rc;
}

static int check_target(const char *const *extra, struct err *err)
{
    const char *target = args_value(extra, "target");
    if (!target || strncmp(target, "wasm32", strlen("wasm32")) == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--target %.80s behind -- makes no WebAssembly of 32 bits: leave it out, and "
                   "wasme chooses the target",
                   *target ? target : "\"\"");
}

static int build_in(const struct build_request *request, const struct clang_source *source,
                    char **wasm_path, struct err *err)
{
    AUTO(clang_kit_release) struct clang_kit kit = {0};
    const struct clang_search search = {
        .place = tool_place_of(request),
        .variable = request->variable,
        .flags = request->extra,
    };
    int rc = check_target(request->extra, err);
    if (!rc)
        rc = clang_kit_open(&search, &kit, err);
    if (!rc && source->cxx)
        rc = clang_kit_check_cxx(&search, &kit, err);
    if (rc)
        return rc;
    AUTO_FREE char *version = version_words("clang", &kit.version);
    notice_say(request->notice, NOTICE_INFO, "%s for %s", version, kit.target);
    return run(request, &kit, source, wasm_path, err);
}

/* SOURCE may be a file; the compiler runs in its folder. */
static int build(const struct build_request *asked, char **wasm_path, struct err *err)
{
    AUTO(clang_source_release) struct clang_source source = {0};
    struct build_request request = *asked;
    int rc = clang_source_open(request.source, request.extra, request.variable, request.notice,
                               &source, err);
    request.source = source.folder;
    return rc ? rc : build_in(&request, &source, wasm_path, err);
}

/* Makes a finding of an error that reads "clang 14 has no ...: how to get it". */
static void take_lack(const char *found, struct survey_finding *out, struct err *err)
{
    const char *text = err_text(err);
    const char *colon = strstr(text, ": ");
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s%s%.*s", found, *found ? ": " : "",
                             colon ? (int)(colon - text) : (int)strlen(text), text);
    out->fix = colon ? mem_dup(colon + 2) : NULL;
    err_release(err);
}

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    AUTO(clang_kit_release) struct clang_kit kit = {0};
    const struct clang_search search = {.place = survey_place(survey),
                                        .variable = survey->variable};
    int rc = clang_kit_open(&search, &kit, err);
    if (rc && rc != ERR_UNSUPPORTED)
        return survey_take_failure(&clang_tool, out, err);
    AUTO_FREE char *version = version_words("clang", &kit.version);
    AUTO_FREE char *where = kit.program ? survey_where(survey, kit.program) : NULL;
    AUTO_FREE char *found =
        kit.program ? mem_printf("%s, %s", version, where ? where : kit.program) : mem_dup("");
    if (rc) {
        take_lack(found, out, err);
        return 0;
    }
    rc = clang_kit_check_cxx(&search, &kit, ERR_IGNORED);
    out->detail = mem_printf("%s, for %s%s", found, kit.target, rc ? ", without C++" : "");
    return 0;
}

static const struct builder_remedy remedies[] = {
    {HOST_REASON_FEATURES, true,
     "leave out the flags -m... that switch features on, or build with `-- -mcpu=mvp`, which has "
     "the fewest"},
    {HOST_REASON_EXIT, false,
     "link it as a reactor with `-- -mexec-model=reactor`, and without a main that returns"},
    {HOST_REASON_EARLY, false,
     "move the call out of main and of the constructors of global objects, into proxy_on_vm_start "
     "or a later callback"},
    {HOST_REASON_NO_ABI, false, CLANG_NO_ABI},
    {HOST_REASON_OTHER, false, NULL},
};

const struct builder clang_builder = {
    .name = "c",
    .alias = "cpp",
    .summary = "C and C++, by clang and a C library for WASI",
    .needs_work_dir = true,
    .no_abi = CLANG_NO_ABI,
    .build = build,
    .producer = "clang",
    .remedies = remedies,
    .signs = "*.c, *.cc or *.cpp",
    .fits = clang_source_fits,
    .look = look,
};
