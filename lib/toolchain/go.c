#include "toolchain/go.h"

#include <stdlib.h>

#include "base/mem.h"
#include "toolchain/go_tool.h"
#include "toolchain/gobuild.h"
#include "toolchain/gochoice.h"
#include "toolchain/gosource.h"
#include "toolchain/output.h"

#define TINYGO_SDK "github.com/tetratelabs/proxy-wasm-go-sdk"

#define GO_NO_ABI                                                                                  \
    "use an SDK for Go's own compiler, as github.com/proxy-wasm/proxy-wasm-go-sdk, or with that "  \
    "of tetratelabs `wasme build tinygo`"

void go_command(const char *out, const char *const *extra, struct args *args)
{
    static const char *const start[] = {"go", "build", NULL};
    args_add_all(args, start);
    if (!args_value(extra, "buildmode"))
        args_add(args, "-buildmode=c-shared");
    if (!args_value(extra, "o"))
        args_add_all(args, (const char *const[]){"-o", out, NULL});
    args_add_all(args, extra);
    args_add(args, ".");
}

static void tell(const struct build_request *request, const struct version *version,
                 const struct gosource *source)
{
    if (version_known(version))
        notice_say(request->notice, NOTICE_INFO, "Go %d.%d.%d", version->major, version->minor,
                   version->patch);
    else
        notice_say(request->notice, NOTICE_WARNING,
                   "go version: no version in what it printed; taking it for a current one");
    if (source->mod && gosource_requires(source->mod, TINYGO_SDK))
        notice_say(request->notice, NOTICE_WARNING,
                   "go.mod requires " TINYGO_SDK ", which is for TinyGo: build with `wasme build "
                   "tinygo`, or move to github.com/proxy-wasm/proxy-wasm-go-sdk");
    else if (source->main == GO_MAIN_CODE)
        notice_say(request->notice, NOTICE_WARNING,
                   "main is never called in a filter that Go builds: " GOSOURCE_MAIN_FIX);
}

/* The toolchain line is not named: GOTOOLCHAIN=auto follows that line, too. */
static const struct tool_symptom symptoms[] = {
    {"requires go >=", "install that Go, or let Go fetch it with `GOTOOLCHAIN=auto wasme build go "
                       "...`, or lower the line `go` in go.mod"},
    {"flag provided but not defined", "`go help build` lists the flags that may stand behind --"},
    {"buildmode=", "leave -buildmode out: a filter is built with -buildmode=c-shared"},
    {"is not in std", "name the package by the path of its module, which has a dot in the first "
                      "part"},
    {"missing function body", "a func of the host needs a line //go:wasmimport MODULE NAME above"},
    GOSOURCE_SYMPTOMS,
    {NULL, NULL},
};

static int run(const struct build_request *request, const char *out, struct err *err)
{
    static const char *const env[] = {"GOOS=wasip1", "GOARCH=wasm", NULL};
    AUTO(args_release) struct args args = {0};
    go_command(out, request->extra, &args);
    const struct tool_call call = {.tool = &go_tool,
                                   .what = "go build",
                                   .argv = args.items,
                                   .env = env,
                                   .symptoms = symptoms,
                                   .place = tool_place_of(request)};
    return output_build(request, &call, out, err);
}

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    const struct gobuild wanted = {.compiler = "gc", .tags = args_value(request->extra, "tags")};
    const struct tool_place place = tool_place_of(request);
    struct version version = {0};
    AUTO(gosource_release) struct gosource source = {0};
    AUTO_FREE char *out = NULL;
    int rc = gosource_open(request->source, &wanted, &source, err);
    if (!rc)
        rc = go_probe(&place, &version, err);
    if (!rc)
        rc = go_check_version(&version, err);
    if (!rc)
        rc = output_choose(request, &out, err);
    if (rc)
        return rc;
    tell(request, &version, &source);
    rc = run(request, out, err);
    if (!rc)
        *wasm_path = STEAL(out);
    return rc;
}

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    struct version version = {0};
    const struct tool_place place = survey_place(survey);
    if (go_probe(&place, &version, err))
        return survey_take_failure(&go_tool, out, err);
    out->detail = survey_with_place(survey, version_words("Go", &version), go_tool.program);
    if (go_check_version(&version, ERR_IGNORED) == 0)
        return 0;
    AUTO_FREE char *found = STEAL(out->detail);
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s: builds no filters by itself, which came with Go 1.24", found);
    out->fix = mem_printf("%s, or build with TinyGo", go_tool.install);
    return 0;
}

static const struct builder_remedy remedies[] = {
    {HOST_REASON_NO_ABI, false, GO_NO_ABI},
    {HOST_REASON_EXIT, false,
     "build it as a library: go build -buildmode=c-shared (Go 1.24 or later), as `wasme build go` "
     "does, and initialise in func init()"},
    {HOST_REASON_NOT_STARTED, false,
     "Go makes no module with a _start that returns: build with `wasme build tinygo`, and `-- "
     "-buildmode=wasi-legacy`"},
    {HOST_REASON_EARLY, false,
     "move the call out of func init() and the values of package variables, into OnVMStart or a "
     "later callback"},
    {HOST_REASON_LINKS, false,
     "leave out os.Link and os.Symlink, in the packages that the filter imports, too"},
    {HOST_REASON_OTHER, false, NULL},
};

const struct builder go_builder = {
    .name = "go",
    .summary = "Go 1.24 or later, with Go's own compiler",
    .needs_work_dir = true,
    .no_abi = GO_NO_ABI,
    .no_paths = "put `-- -trimpath` at the end of the command",
    .producer = "Go",
    .remedies = remedies,
    .signs = GOCHOICE_SIGNS,
    .fits = gochoice_fits_go,
    .build = build,
    .look = look,
};
