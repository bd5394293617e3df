#include "toolchain/tinygo.h"

#include <stdlib.h>

#include "base/mem.h"
#include "toolchain/project.h"
#include "toolchain/tool.h"

#define NOTTINYGC "github.com/wasilibs/nottinygc"

const struct tool tinygo_tool = {
    .program = "tinygo",
    .install = "get it from https://tinygo.org/getting-started/install/, or build with "
               "`wasme build go` and Go 1.24 or later",
};

/* The newest Go that each TinyGo takes (the check in its builder/config.go). */
static const struct {
    int tinygo, go; /* minor versions: 0.x and 1.y; the row holds up to the next one */
} newest_go[] = {
    {23, 18}, {24, 19}, {27, 20}, {29, 21}, {31, 22}, {33, 23}, {36, 24}, {39, 25},
};
#define NEWEST_TINYGO 40 /* the last version that the table is known to hold for */

void tinygo_read_version(const char *text, struct tinygo_facts *facts)
{
    version_find(text, "tinygo version ", &facts->tinygo);
    version_find(text, "using go version go", &facts->go);
}

/*
 * A reactor (_initialize, and main never called) is what a filter should be: but a filter that sets
 * itself up in main, as those of the tetratelabs SDK do, needs the command form, whose _start calls
 * main. So the reactor form is taken when main is empty or absent, and from 0.35 on: earlier
 * versions return from _start and leave the module alive, so the command form does for them.
 */
static bool wants_reactor(const struct tinygo_facts *facts)
{
    return !version_before(&facts->tinygo, 0, 35) && facts->main != GO_MAIN_CODE;
}

static bool is_minor(const struct version *version, int minor)
{
    return version_known(version) && version->major == 0 && version->minor == minor;
}

void tinygo_command(const struct tinygo_facts *facts, const char *out, const char *const *extra,
                    struct args *args)
{
    static const char *const start[] = {"tinygo", "build", "-o", NULL};
    static const char *const classic[] = {"-wasm-abi=generic", "-no-debug", NULL};
    static const char *const custom_gc[] = {"-gc=custom", "-tags=custommalloc nottinygc_finalizer",
                                            NULL};
    args_add_all(args, start);
    args_add(args, out);
    args_add(args, "-scheduler=none");
    /* wasip1 is new in 0.32, where wasi became another name for it. */
    args_add(args, version_before(&facts->tinygo, 0, 32) ? "-target=wasi" : "-target=wasip1");
    if (version_before(&facts->tinygo, 0, 27))
        args_add_all(args, classic);
    if (is_minor(&facts->tinygo, 28) && facts->nottinygc)
        args_add_all(args, custom_gc);
    if (wants_reactor(facts))
        args_add(args, "-buildmode=c-shared");
    args_add_all(args, extra);
    args_add(args, ".");
}

/* The row of the table for a TinyGo; -1 when none is known to hold. */
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
    *what = mem_printf("TinyGo 0.%d refuses Go 1.%d", facts->tinygo.minor, facts->go.minor);
    *fix = mem_printf("install %s, or put Go 1.%d first in PATH", other, newest_go[row].go);
    return true;
}

bool tinygo_main_ends(const struct tinygo_facts *facts)
{
    return is_minor(&facts->tinygo, 35) && !wants_reactor(facts);
}

void tinygo_warn(const struct tinygo_facts *facts, const struct notice *notice)
{
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *fix = NULL;
    if (tinygo_refuses_go(facts, &what, &fix))
        notice_say(notice, NOTICE_WARNING, "%s: %s", what, fix);
    if (tinygo_main_ends(facts))
        notice_say(notice, NOTICE_WARNING, TINYGO_MAIN_ENDS ": " TINYGO_MAIN_FIX);
    if (facts->nottinygc && !is_minor(&facts->tinygo, 28))
        notice_say(notice, NOTICE_INFO,
                   "go.mod requires " NOTTINYGC ", whose collector is switched on with TinyGo 0.28 "
                   "only; this build uses TinyGo's own");
}

int tinygo_probe(const char *cwd, struct tinygo_facts *facts, struct err *err)
{
    static const char *const argv[] = {"tinygo", "version", NULL};
    const struct tool_call call = {
        .tool = &tinygo_tool, .what = "tinygo version", .argv = argv, .cwd = cwd};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    int rc = tool_probe(&call, &text, err);
    if (!rc)
        tinygo_read_version(buf_text(&text), facts);
    return rc;
}

static void tell(const struct tinygo_facts *facts, const struct notice *notice)
{
    if (!version_known(&facts->tinygo))
        notice_say(notice, NOTICE_WARNING,
                   "tinygo version: no version in what it printed; taking it for a current one");
    else
        notice_say(notice, NOTICE_INFO, "TinyGo %d.%d.%d%s", facts->tinygo.major,
                   facts->tinygo.minor, facts->tinygo.patch,
                   wants_reactor(facts) ? ", reactor: main does nothing" : "");
    tinygo_warn(facts, notice);
}

static int look(const char *source, struct tinygo_facts *facts, struct err *err)
{
    AUTO_FREE char *mod_path = NULL;
    int rc = project_check_folder(source, err);
    if (!rc)
        rc = gosource_find_mod(source, &mod_path, err);
    if (rc)
        return rc;
    AUTO_FREE char *mod = project_read(mod_path);
    facts->nottinygc = mod && gosource_requires(mod, NOTTINYGC);
    facts->main = gosource_main_of(source);
    return tinygo_probe(source, facts, err);
}

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    struct tinygo_facts facts = {0};
    AUTO_FREE char *out = NULL;
    AUTO(args_release) struct args args = {0};
    int rc = look(request->source, &facts, err);
    if (!rc)
        rc = project_output(request, &out, err);
    if (rc)
        return rc;
    tell(&facts, request->notice);
    tinygo_command(&facts, out, request->extra, &args);
    const struct tool_call call = {
        .tool = &tinygo_tool, .what = "tinygo build", .argv = args.items, .cwd = request->source};
    rc = tool_build(request, &call, NULL, err);
    if (!rc)
        rc = project_check_output(out, call.what, err);
    if (!rc)
        *wasm_path = STEAL(out);
    return rc;
}

const struct builder tinygo_builder = {
    .name = "tinygo",
    .summary = "Go, with the flags for the installed TinyGo",
    .needs_work_dir = true,
    .build = build,
};
