#include "toolchain/clang_kit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "toolchain/args.h"
#include "toolchain/survey.h"

#define SDK "a wasi-sdk from https://github.com/WebAssembly/wasi-sdk and set WASI_SDK_PATH"
#define OPT_SDK "/opt/wasi-sdk"

const struct tool clang_tool = {
    .program = "clang",
    .install = "get " SDK ", or Debian's packages clang, lld, wasi-libc, libclang-rt-dev-wasm32 "
               "and libc++-dev-wasm32",
};

void clang_kit_release(struct clang_kit *kit)
{
    free(kit->program);
    *kit = (struct clang_kit){0};
}

/* CC names the compiler for many programs, and often that is a gcc. */
static bool names_clang(const char *cc)
{
    const char *slash = strrchr(cc, '/');
    return strncmp(slash ? slash + 1 : cc, "clang", strlen("clang")) == 0 && !strchr(cc, ' ');
}

static int find_program(const struct clang_search *search, char **out, struct err *err)
{
    if (search->place.container) { /* the variables name programs of this machine */
        *out = mem_dup(clang_tool.program);
        return 0;
    }
    const char *sdk = search->variable ? search->variable("WASI_SDK_PATH") : NULL;
    const char *cc = search->variable ? search->variable("CC") : NULL;
    AUTO_FREE char *own = sdk && *sdk ? mem_printf("%s/bin/clang", sdk) : NULL;
    if (own && !survey_is_program(own))
        return err_set(err, ERR_UNSUPPORTED,
                       "WASI_SDK_PATH names %s, which has no program bin/clang: set the variable "
                       "to the folder of a wasi-sdk, or unset it",
                       sdk);
    if (own)
        *out = STEAL(own);
    else if (cc && names_clang(cc))
        *out = mem_dup(cc);
    else
        *out = mem_dup(search->variable && survey_is_program(OPT_SDK "/bin/clang")
                           ? OPT_SDK "/bin/clang"
                           : clang_tool.program);
    return 0;
}

static int run(const struct clang_search *search, const char *const *argv, char **line,
               struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    AUTO_FREE char *what = mem_printf("%s %s", argv[0], argv[1]);
    struct tool_call call = {
        .tool = &clang_tool, .what = what, .argv = argv, .place = search->place};
    call.place.quiet = true;
    int rc = tool_probe(&call, &text, err);
    if (rc)
        return rc;
    *line = buf_steal(&text);
    (*line)[strcspn(*line, "\r\n")] = '\0';
    return 0;
}

/* Adds the flags of the user that say where the compiler finds its files. With all flags, a wrong
 * one would fail the question and not the build. */
static void add_places(const char *const *flags, struct args *args)
{
    static const char *const names[] = {"--target", "-target", "--sysroot", "-resource-dir", "-B"};
    for (; flags && *flags; flags++) {
        for (size_t i = 0; i < COUNT(names); i++) {
            size_t len = strlen(names[i]);
            if (strncmp(*flags, names[i], len) != 0)
                continue;
            args_add(args, *flags);
            if (!(*flags)[len] && flags[1])
                args_add(args, *++flags);
            break;
        }
    }
}

/* Asks the compiler where a file or a program is; the answer is a path when it is there. */
static int ask(const struct clang_search *search, const struct clang_kit *kit, const char *question,
               char **answer, struct err *err)
{
    AUTO(args_release) struct args args = {0};
    AUTO_FREE char *target = mem_printf("--target=%s", kit->target);
    AUTO_FREE char *sysroot = kit->sysroot ? mem_printf("--sysroot=%s", kit->sysroot) : NULL;
    args_add(&args, kit->program);
    args_add(&args, question);
    args_add(&args, target);
    if (sysroot)
        args_add(&args, sysroot);
    add_places(search->flags, &args);
    return run(search, args.items, answer, err);
}

static int is_there(const struct clang_search *search, const struct clang_kit *kit,
                    const char *question, bool *found, struct err *err)
{
    AUTO_FREE char *answer = NULL;
    int rc = ask(search, kit, question, &answer, err);
    *found = !rc && answer[0] == '/';
    return rc;
}

/* The compiler tells the path of its own library also when there is no such file, but finds only
 * files that are there. "lib/wasi/libclang_rt.builtins-wasm32.a" is the end of such a path. */
static int has_builtins(const struct clang_search *search, const struct clang_kit *kit, bool *found,
                        struct err *err)
{
    AUTO_FREE char *path = NULL;
    int rc = ask(search, kit, "-print-libgcc-file-name", &path, err);
    if (rc)
        return rc;
    const char *end = path + strlen(path);
    for (int parts = 0; end > path && parts < 3; end--)
        parts += end[-1] == '/';
    AUTO_FREE char *question = mem_printf("-print-file-name=%s", end + (*end == '/'));
    return is_there(search, kit, question, found, err);
}

/* The C library has one folder for each target that it was built for. */
static int find_library(const struct clang_search *search, struct clang_kit *kit, struct err *err)
{
    static const char *const sysroots[] = {NULL, "/usr/share/wasi-sysroot",
                                           OPT_SDK "/share/wasi-sysroot"};
    static const char *const targets[] = {"wasm32-wasip1", "wasm32-wasi"};
    bool found = false;
    for (size_t i = 0; i < COUNT(sysroots) && !found; i++) {
        kit->sysroot = sysroots[i];
        if (kit->sysroot && !search->place.container && access(kit->sysroot, R_OK) != 0)
            continue;
        for (size_t j = 0; j < COUNT(targets) && !found; j++) {
            kit->target = targets[j];
            int rc = is_there(search, kit, "-print-file-name=libc.a", &found, err);
            if (rc)
                return rc;
        }
    }
    return found ? 0
                 : err_set(err, ERR_UNSUPPORTED,
                           "clang %d has no C library for wasm32-wasi: `apt install wasi-libc`, or "
                           "get " SDK,
                           kit->version.major);
}

static int check_linker(const struct clang_search *search, const struct clang_kit *kit,
                        struct err *err)
{
    bool linker = false, library = false;
    int rc = is_there(search, kit, "-print-prog-name=wasm-ld", &linker, err);
    if (!rc)
        rc = has_builtins(search, kit, &library, err);
    if (rc)
        return rc;
    if (!linker)
        return err_set(err, ERR_UNSUPPORTED,
                       "clang %d finds no linker wasm-ld: `apt install lld`, or get " SDK,
                       kit->version.major);
    if (!library && !args_have(search->flags, "-nostdlib"))
        return err_set(err, ERR_UNSUPPORTED,
                       "clang %d has no libclang_rt.builtins for wasm32: `apt install "
                       "libclang-rt-%d-dev-wasm32`, or get " SDK,
                       kit->version.major, kit->version.major);
    return 0;
}

static int read_version(const struct clang_search *search, struct clang_kit *kit, struct err *err)
{
    const char *const argv[] = {kit->program, "--version", NULL};
    AUTO_FREE char *line = NULL;
    int rc = run(search, argv, &line, err);
    if (rc == ERR_NOT_FOUND && strcmp(kit->program, clang_tool.program) != 0)
        return err_set(err, ERR_NOT_FOUND, "%s, which CC names: not found in PATH: %s",
                       kit->program, clang_tool.install);
    if (rc)
        return rc;
    (void)version_find(line, "clang version ", &kit->version);
    if (strstr(line, "Apple"))
        return err_set(err, ERR_UNSUPPORTED, "Apple's clang does not build WebAssembly: get " SDK);
    if (version_before(&kit->version, CLANG_OLDEST, 0))
        return err_set(err, ERR_UNSUPPORTED,
                       "clang %d is too old, for its linker cannot export the functions of a "
                       "filter by their names: get clang %d or later, or " SDK,
                       kit->version.major, CLANG_OLDEST);
    return 0;
}

int clang_kit_open(const struct clang_search *search, struct clang_kit *out, struct err *err)
{
    int rc = find_program(search, &out->program, err);
    if (!rc)
        rc = read_version(search, out, err);
    if (!rc)
        rc = find_library(search, out, err);
    return rc ? rc : check_linker(search, out, err);
}

int clang_kit_check_cxx(const struct clang_search *search, const struct clang_kit *kit,
                        struct err *err)
{
    bool found = false;
    int rc = is_there(search, kit, "-print-file-name=libc++.a", &found, err);
    if (rc || found || args_have(search->flags, "-nostdlib"))
        return rc;
    return err_set(err, ERR_UNSUPPORTED,
                   "clang %d has no C++ library for %s: `apt install libc++-%d-dev-wasm32`, or "
                   "get " SDK,
                   kit->version.major, kit->target, kit->version.major);
}
