#include "toolchain/clang.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "toolchain/fits.h"
#include "toolchain/survey.h"
#include "toolchain/tool.h"
#include "toolchain/version.h"

static const struct tool clang = {
    .program = "clang",
    .install = "get a wasi-sdk and set WASI_SDK_PATH, or Debian's packages clang, lld and "
               "wasi-libc",
};

/* A file of the wasi-sdk that the environment names; NULL: it names none. */
static char *sdk_file(const struct survey *survey, const char *path)
{
    const char *sdk = survey->variable("WASI_SDK_PATH");
    return sdk ? mem_printf("%s/%s", sdk, path) : NULL;
}

/* The C library for wasm32-wasi: that of a wasi-sdk, or Debian's wasi-libc. */
static char *find_sysroot(const struct survey *survey)
{
    static const char *const folders[] = {"/opt/wasi-sdk/share/wasi-sysroot",
                                          "/usr/share/wasi-sysroot", "/usr/lib/wasm32-wasi"};
    AUTO_FREE char *own = sdk_file(survey, "share/wasi-sysroot");
    if (own && access(own, R_OK) == 0)
        return STEAL(own);
    for (size_t i = 0; i < COUNT(folders); i++)
        if (access(folders[i], R_OK) == 0)
            return mem_dup(folders[i]);
    return NULL;
}

static char *find_clang(const struct survey *survey)
{
    AUTO_FREE char *own = sdk_file(survey, "bin/clang");
    return own && survey_is_program(own) ? STEAL(own) : survey_where(survey, clang.program);
}

/* The linker stands beside the compiler, or in PATH. */
static bool has_linker(const struct survey *survey, const char *compiler)
{
    int folder = (int)(strrchr(compiler, '/') - compiler);
    AUTO_FREE char *beside = mem_printf("%.*s/wasm-ld", folder, compiler);
    AUTO_FREE char *in_path = survey_where(survey, "wasm-ld");
    return in_path || survey_is_program(beside);
}

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    struct version version = {0};
    AUTO_FREE char *program = find_clang(survey);
    if (!program)
        (void)err_set(err, ERR_NOT_FOUND, "not there");
    if (!program || survey_ask_version(survey, &clang, program, &text, err))
        return survey_take_failure(&clang, out, err);
    (void)version_find(buf_text(&text), "clang version ", &version);
    AUTO_FREE char *name = version_words("clang", &version);
    AUTO_FREE char *sysroot = find_sysroot(survey);
    if (sysroot && has_linker(survey, program)) {
        out->detail = mem_printf("%s, %s, with the libraries of %s", name, program, sysroot);
        return 0;
    }
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s, %s, without %s", name, program,
                             sysroot ? "the linker wasm-ld" : "a C library for wasm32-wasi");
    out->fix = mem_dup(clang.install);
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
    {HOST_REASON_OTHER, false, NULL},
};

const struct builder clang_builder = {
    .name = "c",
    .summary = "C and C++, by clang and a C library for WASI",
    .producer = "clang",
    .remedies = remedies,
    .signs = "*.c, *.cc or *.cpp",
    .fits = fits_c,
    .look = look,
};
