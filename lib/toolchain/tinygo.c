#include "toolchain/tinygo.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/gobuild.h"
#include "toolchain/gochoice.h"
#include "toolchain/output.h"
#include "toolchain/survey.h"
#include "toolchain/tinygo_flags.h"
#include "toolchain/tool.h"

#define TINYGO_NO_ABI                                                                              \
    "use an SDK for TinyGo, as github.com/tetratelabs/proxy-wasm-go-sdk, in the package that is "  \
    "built"

static const struct tool tinygo_tool = {
    .program = "tinygo",
    .install =
        "get it from https://tinygo.org/getting-started/install/, or, unless the SDK is that of "
        "tetratelabs, build with `wasme build go` and Go 1.24 or later",
};

static const struct tool_symptom symptoms[] = {
    {"could not find 'go' command",
     "TinyGo reads Go's own library: put a Go that it takes in PATH, "
     "from https://go.dev/dl/"},
    {"wasm-opt", "install Binaryen (Debian: apt install binaryen), or set WASMOPT to its path"},
    {"commands were found", "install that program of LLVM (Debian: apt install clang lld)"},
    {"requires go >=", "lower the line `go` in go.mod to the Go that TinyGo uses, or install a "
                       "newer TinyGo"},
    {"flag provided but not defined", "`tinygo help build` lists the flags of this TinyGo"},
    {"/targets/", "this TinyGo has no such target: leave -target out, and wasme chooses it"},
    {"invalid buildmode option", "leave -buildmode out, and wasme chooses the mode that fits"},
    {"only supports scheduler=none", "leave -scheduler out: filters have no goroutines"},
    {" option '", "change that flag behind --"},
    {"is not in std", "TinyGo does not have that package of Go's library: do without it, or build "
                      "with `wasme build go`"},
    {"undefined symbol", "a func of the host needs a line //go:wasmimport MODULE NAME above"},
    GOSOURCE_SYMPTOMS,
    {NULL, NULL},
};

/* Replaces the error of a build that failed because TinyGo does not take that Go. */
static int explain_go(const struct tinygo_facts *facts, int rc, struct err *err)
{
    AUTO_FREE char *what = NULL;
    AUTO_FREE char *fix = NULL;
    if (rc != ERR_FAILED || !tinygo_refuses_go(facts, &what, &fix))
        return rc;
    return err_set(err, rc, "tinygo build failed: %s: %s", what, fix);
}

/* Asks the TinyGo in PATH for its version and for that of its Go. */
static int probe(const struct tool_place *place, struct tinygo_facts *facts, struct err *err)
{
    static const char *const argv[] = {"tinygo", "version", NULL};
    const struct tool_call call = {
        .tool = &tinygo_tool, .what = "tinygo version", .argv = argv, .place = *place};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    int rc = tool_probe(&call, &text, err);
    if (!rc)
        tinygo_read_version(buf_text(&text), facts);
    return rc;
}

static const char *mode_words(const struct tinygo_facts *facts)
{
    const char *mode = facts->buildmode ? NULL : tinygo_buildmode(facts);
    if (!mode)
        return "";
    return strcmp(mode, "c-shared") == 0 ? ", a reactor" : ", the legacy mode: main sets it up";
}

static void tell(const struct tinygo_facts *facts, const struct notice *notice)
{
    if (!version_known(&facts->tinygo))
        notice_say(notice, NOTICE_WARNING,
                   "tinygo version: no version in what it printed; taking it for a current one");
    else
        notice_say(notice, NOTICE_INFO, "TinyGo %d.%d.%d%s", facts->tinygo.major,
                   facts->tinygo.minor, facts->tinygo.patch, mode_words(facts));
    tinygo_warn(facts, notice);
}

/* Finds out what there is to build, and with which TinyGo. */
static int inspect(const struct build_request *request, struct tinygo_facts *facts, struct err *err)
{
    const struct gobuild build = {.compiler = "tinygo", .tags = args_value(request->extra, "tags")};
    AUTO(gosource_release) struct gosource source = {0};
    int rc = gosource_open(request->source, &build, &source, err);
    if (rc)
        return rc;
    tinygo_read_source(&source, facts);
    facts->buildmode = args_value(request->extra, "buildmode");
    const struct tool_place place = tool_place_of(request);
    rc = probe(&place, facts, err);
    return rc ? rc : tinygo_check_flags(facts, request->extra, err);
}

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    struct tinygo_facts facts = {0};
    AUTO_FREE char *out = NULL;
    AUTO(args_release) struct args args = {0};
    int rc = inspect(request, &facts, err);
    if (!rc)
        rc = output_choose(request, &out, err);
    if (rc)
        return rc;
    tell(&facts, request->notice);
    tinygo_command(&facts, out, request->extra, &args);
    const struct tool_call call = {.tool = &tinygo_tool,
                                   .what = "tinygo build",
                                   .argv = args.items,
                                   .symptoms = symptoms,
                                   .place = tool_place_of(request)};
    rc = explain_go(&facts, output_build(request, &call, out, err), err);
    if (!rc)
        *wasm_path = STEAL(out);
    return rc;
}

/* The facts are those of a filter that works in main: most filters do, and such a filter meets more
 * faults of a TinyGo than any other. */
static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    struct tinygo_facts facts = {.main = GO_MAIN_CODE};
    const struct tool_place place = survey_place(survey);
    if (probe(&place, &facts, err))
        return survey_take_failure(&tinygo_tool, out, err);
    AUTO_FREE char *tinygo = version_words("TinyGo", &facts.tinygo);
    AUTO_FREE char *go = version_words("Go", &facts.go);
    AUTO_FREE char *found =
        survey_with_place(survey, mem_printf("%s with %s", tinygo, go), tinygo_tool.program);
    AUTO_FREE char *what = NULL;
    if (tinygo_refuses_go(&facts, &what, &out->fix)) {
        out->verdict = SURVEY_BROKEN;
        out->detail = mem_printf("%s: %s", found, what);
    } else if (tinygo_main_ends(&facts)) {
        out->verdict = SURVEY_UNFIT;
        out->detail = mem_printf("%s: " TINYGO_MAIN_ENDS, found);
        out->fix = mem_dup(TINYGO_MAIN_FIX);
    } else {
        out->detail = STEAL(found);
    }
    return 0;
}

static const struct builder_remedy remedies[] = {
    {HOST_REASON_NO_ABI, false, TINYGO_NO_ABI},
    {HOST_REASON_EXIT, false,
     "build with `wasme build tinygo`, which chooses -buildmode by func main: c-shared when main "
     "is empty (initialise in func init()), else wasi-legacy, which keeps the module alive when main "
     "returns (TinyGo 0.36 or later)"},
    {HOST_REASON_NOT_STARTED, false,
     "with TinyGo: build with `-- -buildmode=wasi-legacy`, which makes a _start that calls main"},
    {HOST_REASON_EARLY, false,
     "move the call out of func init(), func main and the values of package variables, into "
     "OnVMStart or a later callback"},
    {HOST_REASON_LINKS, false,
     "leave out os.Link and os.Symlink, in the packages that the filter imports, too"},
    {HOST_REASON_OTHER, false, NULL},
};

const struct builder tinygo_builder = {
    .name = "tinygo",
    .summary = "Go, with the flags for the installed TinyGo",
    .needs_work_dir = true,
    .no_abi = TINYGO_NO_ABI,
    .producer = "TinyGo",
    .remedies = remedies,
    .signs = GOCHOICE_SIGNS,
    .fits = gochoice_fits_tinygo,
    .build = build,
    .look = look,
};
