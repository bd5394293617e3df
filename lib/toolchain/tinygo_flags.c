#include "toolchain/tinygo_flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NOTTINYGC "github.com/wasilibs/nottinygc"
#define GO_SDK "github.com/proxy-wasm/proxy-wasm-go-sdk"

/* The newest Go that each TinyGo takes (the check in its builder/config.go). */
static const struct {
    int tinygo, go;        /* minor versions: 0.x and 1.y; a row holds up to the next one */
    const char *toolchain; /* that Go for GOTOOLCHAIN; NULL: too old for it */
} newest_go[] = {
    {23, 18, NULL},        {24, 19, NULL},        {27, 20, NULL},        {29, 21, "go1.21.13"},
    {31, 22, "go1.22.12"}, {33, 23, "go1.23.12"}, {36, 24, "go1.24.13"}, {39, 25, "go1.25.10"},
};
#define NEWEST_TINYGO 40 /* the last version that the table is known to hold for */

void tinygo_read_version(const char *text, struct tinygo_facts *facts)
{
    version_find(text, "tinygo version ", &facts->tinygo);
    version_find(text, "using go version go", &facts->go);
}

void tinygo_read_source(const struct gosource *source, struct tinygo_facts *facts)
{
    facts->nottinygc = source->mod && gosource_requires(source->mod, NOTTINYGC);
    facts->wasmexport =
        source->wasmexport || (source->mod && gosource_requires(source->mod, GO_SDK));
    facts->main = source->main;
}

static bool is_minor(const struct version *version, int minor)
{
    return version_known(version) && version->major == 0 && version->minor == minor;
}

/*
 * A filter should be a reactor: it has _initialize, and main is never called. But a filter that
 * sets itself up in main, as those of the tetratelabs SDK do, needs a _start that calls main and
 * leaves the module alive. Up to TinyGo 0.34 every _start is like that; from 0.36 on the mode
 * wasi-legacy makes one. Functions that are exported by go:wasmexport refuse to run once main has
 * returned, whatever the mode.
 */
const char *tinygo_buildmode(const struct tinygo_facts *facts)
{
    if (facts->buildmode)
        return facts->buildmode;
    if (version_before(&facts->tinygo, 0, 35))
        return NULL;
    if (facts->main != GO_MAIN_CODE || facts->wasmexport)
        return "c-shared";
    return version_before(&facts->tinygo, 0, 36) ? NULL : "wasi-legacy";
}

static const char *own_mode_flag(const struct tinygo_facts *facts)
{
    const char *mode = facts->buildmode ? NULL : tinygo_buildmode(facts);
    if (!mode)
        return NULL;
    return strcmp(mode, "c-shared") == 0 ? "-buildmode=c-shared" : "-buildmode=wasi-legacy";
}

void tinygo_command(const struct tinygo_facts *facts, const char *out, const char *const *extra,
                    struct args *args)
{
    static const char *const start[] = {"tinygo", "build", NULL};
    static const char *const custom_gc[] = {"-gc=custom", "-tags=custommalloc nottinygc_finalizer",
                                            NULL};
    const char *mode = own_mode_flag(facts);
    args_add_all(args, start);
    if (!args_value(extra, "o"))
        args_add_all(args, (const char *const[]){"-o", out, NULL});
    if (!args_value(extra, "scheduler"))
        args_add(args, "-scheduler=none");
    /* TinyGo 0.32 brought wasip1, and made wasi another name for it. */
    if (!args_value(extra, "target"))
        args_add(args, version_before(&facts->tinygo, 0, 32) ? "-target=wasi" : "-target=wasip1");
    if (version_before(&facts->tinygo, 0, 27) && !args_value(extra, "wasm-abi"))
        args_add(args, "-wasm-abi=generic");
    if (version_before(&facts->tinygo, 0, 27))
        args_add(args, "-no-debug");
    if (is_minor(&facts->tinygo, 28) && facts->nottinygc && !args_value(extra, "gc"))
        args_add_all(args, custom_gc);
    if (mode)
        args_add(args, mode);
    args_add_all(args, extra);
    args_add(args, ".");
}

/* The row of the table for a TinyGo; -1 when no row is known to hold for it. */
static int newest_go_row(const struct version *version)
{
    int row = -1;
    if (!version_known(version) || version->major != 0 || version->minor > NEWEST_TINYGO)
        return row;
    for (int i = 0; i < (int)COUNT(newest_go) && newest_go[i].tinygo <= version->minor; i++)
        row = i;
    return row;
}

bool tinygo_refuses_go(const struct tinygo_facts *facts, char **what, char **fix)
{
    int row = newest_go_row(&facts->tinygo);
    if (row < 0 || !version_known(&facts->go) || facts->go.minor <= newest_go[row].go)
        return false;
    int fit = row;
    while (fit < (int)COUNT(newest_go) && newest_go[fit].go < facts->go.minor)
        fit++;
    AUTO_FREE char *other = fit < (int)COUNT(newest_go)
                                ? mem_printf("TinyGo 0.%d or later", newest_go[fit].tinygo)
                                : mem_dup("a newer TinyGo");
    const char *toolchain = newest_go[row].toolchain;
    *what = mem_printf("TinyGo 0.%d refuses Go 1.%d", facts->tinygo.minor, facts->go.minor);
    AUTO_FREE char *quick =
        toolchain ? mem_printf("`GOTOOLCHAIN=%s wasme build tinygo ...` is the quick fix; else ",
                               toolchain)
                  : mem_dup("");
    *fix =
        mem_printf("%sinstall %s, or put Go 1.%d first in PATH", quick, other, newest_go[row].go);
    return true;
}

bool tinygo_main_ends(const struct tinygo_facts *facts)
{
    return is_minor(&facts->tinygo, 35) && facts->main == GO_MAIN_CODE && !tinygo_buildmode(facts);
}

int tinygo_check_flags(const struct tinygo_facts *facts, const char *const *extra, struct err *err)
{
    const char *target = args_value(extra, "target");
    if (target && strcmp(target, "wasip1") == 0 && version_before(&facts->tinygo, 0, 32))
        return err_set(err, ERR_USAGE,
                       "TinyGo 0.%d has no target wasip1, which is named wasi before 0.32: leave "
                       "-target out, and wasme chooses it",
                       facts->tinygo.minor);
    if (!args_value(extra, "wasm-abi") || version_before(&facts->tinygo, 0, 27))
        return 0;
    return err_set(err, ERR_USAGE,
                   "TinyGo has no flag -wasm-abi since 0.27, and makes what -wasm-abi=generic "
                   "made: leave it out");
}

/* Warns of a mode, chosen or asked for, in which the module or its main is of no use. */
static void warn_of_mode(const struct tinygo_facts *facts, const struct notice *notice)
{
    const char *mode = tinygo_buildmode(facts);
    bool reactor = mode && strcmp(mode, "c-shared") == 0;
    if (tinygo_main_ends(facts))
        notice_say(notice, NOTICE_WARNING, TINYGO_MAIN_ENDS ": " TINYGO_MAIN_FIX);
    if (!mode)
        return;
    if (reactor && facts->main == GO_MAIN_CODE)
        notice_say(notice, NOTICE_WARNING,
                   "main is never called in a filter of -buildmode=c-shared%s: " GOSOURCE_MAIN_FIX,
                   facts->wasmexport ? ", the only mode for exports by //go:wasmexport" : "");
    else if (!reactor && facts->wasmexport)
        notice_say(notice, NOTICE_WARNING,
                   "functions exported by //go:wasmexport cannot be called once main has returned: "
                   "build with -buildmode=c-shared, and " GOSOURCE_MAIN_FIX);
    else if (!reactor && strcmp(mode, "wasi-legacy") != 0)
        notice_say(notice, NOTICE_WARNING,
                   "a module of -buildmode=%.40s ends when main returns, and then proxies cannot "
                   "call it: leave the flag out, and wasme chooses the mode that fits",
                   mode);
}

void tinygo_warn(const struct tinygo_facts *facts, const struct notice *notice)
{
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *fix = NULL;
    if (tinygo_refuses_go(facts, &what, &fix))
        notice_say(notice, NOTICE_WARNING, "%s: %s", what, fix);
    warn_of_mode(facts, notice);
    if (facts->nottinygc && !is_minor(&facts->tinygo, 28))
        notice_say(notice, NOTICE_INFO,
                   "go.mod requires " NOTTINYGC ", whose collector is switched on with TinyGo 0.28 "
                   "only; this build uses TinyGo's own");
}
