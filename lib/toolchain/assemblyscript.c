#include "toolchain/assemblyscript.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "toolchain/assemblyscript_output.h"
#include "toolchain/assemblyscript_project.h"
#include "toolchain/output.h"
#include "toolchain/project.h"
#include "toolchain/fits.h"
#include "toolchain/survey.h"
#include "toolchain/tool.h"
#include "toolchain/version.h"

#define SDK ASSEMBLYSCRIPT_SDK
#define INSTALL "get Node.js and npm from https://nodejs.org/"

static const struct tool node_tool = {.program = "node", .install = INSTALL};
static const struct tool npm_tool = {.program = "npm", .install = INSTALL};
static const struct tool asc_tool = {
    .program = "asc", .install = "install the packages of the project with `npm ci`"};

static const struct tool_symptom asc_symptoms[] = {
    {"abort_proc_exit", "import the SDK in the source, or give -- --use abort="},
    {"'~lib/rt/index-full", "that SDK is for AssemblyScript 0.17 and before: run `npm install "
                            "--save-dev --save-exact assemblyscript@0.14.13`"},
    {"'~lib/" SDK, "that SDK has no such file for this compiler: " SDK " 0.1.8 is for "
                   "assemblyscript@0.14.13"},
    {NULL, NULL},
};
static const struct tool_symptom npm_symptoms[] = {
    {"npm ci` can only install", "run `npm install` there, which mends the lockfile"},
    {"ENOTFOUND", "npm does not reach its registry: see `npm config get registry` and the proxy"},
    {"ECONNREFUSED",
     "npm does not reach its registry: see `npm config get registry` and the proxy"},
    {NULL, NULL},
};

static bool names_source(const char *const *extra)
{
    for (; extra && *extra; extra++) {
        size_t len = strlen(*extra);
        if ((*extra)[0] != '-' && len > 3 && strcmp(*extra + len - 3, ".ts") == 0)
            return true;
    }
    return false;
}

void assemblyscript_command(const struct assemblyscript_project *project,
                            const struct assemblyscript_tools *tools, const char *out,
                            const char *const *extra, struct args *args)
{
    static const char *const release[] = {"--target", "release", NULL};
    args_add(args, tools->asc);
    if (!project->has_entries && !names_source(extra))
        args_add(args, "assembly/index.ts");
    if (!project->config)
        args_add(args, "--optimize");
    else if (!args_have(extra, "--target"))
        args_add_all(args, release);
    /* Without an SDK, abort would be a function of the host that no proxy has. */
    bool configured = project->config && strstr(project->config, "abort=");
    if (!configured && !args_have(extra, "--use") && !args_have(extra, "-u")) {
        args_add(args, "--use");
        args_add(args, tools->has_sdk ? "abort=abort_proc_exit" : "abort=");
    }
    if (!args_value(extra, "o")) {
        args_add(args, "-o"); /* of every version, unlike -b */
        args_add(args, out);
    }
    args_add_all(args, extra);
}

static int ask_node(const struct build_request *request, char **line, struct err *err)
{
    static const char *const argv[] = {"node", "--version", NULL};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    const struct tool_call call = {.tool = &node_tool,
                                   .what = "node --version",
                                   .argv = argv,
                                   .place = tool_place_of(request)};
    int rc = tool_probe(&call, &text, err);
    if (rc)
        return rc;
    *line = buf_steal(&text);
    (*line)[strcspn(*line, "\r\n")] = '\0';
    return 0;
}

static int run_npm(const struct build_request *request, const char *what, const char *const *argv,
                   const struct tool_symptom *symptoms, struct err *err)
{
    const struct tool_call call = {.tool = &npm_tool,
                                   .what = what,
                                   .argv = argv,
                                   .symptoms = symptoms,
                                   .place = tool_place_of(request)};
    return tool_build(request, &call, NULL, err);
}

/*
 * Installs the packages where a lockfile has their versions, as the compilers of other languages do
 * by themselves. Without a lockfile the versions would be those of today, which is for the user to
 * say.
 */
static int install(const struct build_request *request,
                   const struct assemblyscript_project *project, struct err *err)
{
    static const char *const argv[] = {"npm",        "ci",        "--include=dev",
                                       "--no-audit", "--no-fund", NULL};
    if (project->locked && !project->has_modules)
        return run_npm(request, "npm ci", argv, npm_symptoms, err);
    return err_set(err, ERR_NOT_FOUND,
                   "source %s: the packages of package.json are not installed, there is no "
                   "node_modules/.bin/asc: run `%s` there",
                   request->source, project->install);
}

/* Finds the compiler, which a script may get elsewhere when the project does not name it. */
static int find_tools(const struct build_request *request,
                      const struct assemblyscript_project *project,
                      struct assemblyscript_tools *tools, struct err *err)
{
    assemblyscript_tools_find(request->source, tools);
    if (tools->asc)
        return 0;
    if (project->declared) {
        int rc = install(request, project, err);
        if (rc)
            return rc;
        assemblyscript_tools_release(tools);
        assemblyscript_tools_find(request->source, tools);
    }
    if (tools->asc || project->script)
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   "source %s: no script asbuild in package.json, and no compiler: run `npm "
                   "install --save-dev assemblyscript` there",
                   request->source);
}

static bool sdk_before(const struct version *sdk, int patch)
{
    return version_known(sdk) && version_before(sdk, 0, 2) && sdk->patch < patch;
}

static void warn_sdk(const struct assemblyscript_project *project,
                     const struct assemblyscript_tools *tools, const struct notice *notice)
{
    const struct version *sdk = &tools->sdk_version, *asc = &tools->asc_version;
    bool too_new = version_known(asc) && !version_before(asc, 0, 18);
    if (sdk_before(sdk, 9) && too_new)
        notice_say(notice, NOTICE_WARNING,
                   SDK " %d.%d.%d does not compile with AssemblyScript %d.%d.%d: run `npm install "
                       "--save-dev --save-exact assemblyscript@0.14.13`",
                   sdk->major, sdk->minor, sdk->patch, asc->major, asc->minor, asc->patch);
    else if (sdk_before(sdk, 15) && !project->own_configure)
        notice_say(notice, NOTICE_WARNING,
                   "with " SDK " %d.%d.%d a filter ends in a trap when the proxy gives it no "
                   "configuration: give it one that is not empty",
                   sdk->major, sdk->minor, sdk->patch);
}

static void tell(const struct build_request *request, const struct assemblyscript_project *project,
                 const struct assemblyscript_tools *tools, const char *node)
{
    AUTO_FREE char *asc =
        tools->asc ? version_words("AssemblyScript", &tools->asc_version) : mem_dup("no asc");
    if (project->script)
        notice_say(request->notice, NOTICE_INFO,
                   "%s, Node.js %.40s; package.json has the script %s", asc, node, project->script);
    else
        notice_say(request->notice, NOTICE_INFO,
                   "%s, Node.js %.40s; package.json has no script asbuild or build", asc, node);
    warn_sdk(project, tools, request->notice);
}

static int run_script(const struct build_request *request, const char *script, char **wasm_path,
                      struct err *err)
{
    AUTO(args_release) struct args args = {0};
    AUTO(module_files_release) struct module_files before = {0};
    AUTO_FREE char *what = mem_printf("npm run %s", script);
    const char *const start[] = {"npm", "run", script, NULL};
    args_add_all(&args, start);
    if (request->extra && request->extra[0])
        args_add(&args, "--");
    args_add_all(&args, request->extra);
    module_files_list(request->source, &before);
    int rc = run_npm(request, what, args.items, asc_symptoms, err);
    return rc ? rc
              : module_files_find(request->source, &before, what, request->notice, wasm_path, err);
}

static int run_asc(const struct build_request *request,
                   const struct assemblyscript_project *project,
                   const struct assemblyscript_tools *tools, char **wasm_path, struct err *err)
{
    AUTO_FREE char *out = NULL;
    AUTO(args_release) struct args args = {0};
    if (!project->has_index && !project->has_entries && !names_source(request->extra))
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: no script asbuild in package.json, and no assembly/index.ts: "
                       "name the source file behind --",
                       request->source);
    int rc = output_choose(request, &out, err);
    if (rc)
        return rc;
    assemblyscript_command(project, tools, out, request->extra, &args);
    const struct tool_call call = {.tool = &asc_tool,
                                   .what = "asc",
                                   .argv = args.items,
                                   .symptoms = asc_symptoms,
                                   .place = tool_place_of(request)};
    rc = output_build(request, &call, out, err);
    if (!rc)
        *wasm_path = STEAL(out);
    return rc;
}

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    AUTO(assemblyscript_project_release) struct assemblyscript_project project = {0};
    AUTO(assemblyscript_tools_release) struct assemblyscript_tools tools = {0};
    AUTO_FREE char *node = NULL;
    int rc = assemblyscript_project_open(request->source, &project, err);
    if (!rc)
        rc = ask_node(request, &node, err);
    if (!rc)
        rc = find_tools(request, &project, &tools, err);
    if (rc)
        return rc;
    tell(request, &project, &tools, node);
    return project.script ? run_script(request, project.script, wasm_path, err)
                          : run_asc(request, &project, &tools, wasm_path, err);
}

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    struct version version = {0};
    if (survey_ask_version(survey, &node_tool, node_tool.program, &text, err))
        return survey_take_failure(&node_tool, out, err);
    (void)version_find(buf_text(&text), "v", &version);
    out->detail = survey_with_place(survey, version_words("Node.js", &version), node_tool.program);
    AUTO_FREE char *npm = survey_where(survey, npm_tool.program);
    if (npm)
        return 0;
    AUTO_FREE char *found = STEAL(out->detail);
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s, without npm", found);
    out->fix = mem_dup(INSTALL);
    return 0;
}

const struct builder assemblyscript_builder = {
    .name = "assemblyscript",
    .summary = "AssemblyScript, by the project's npm packages",
    .needs_work_dir = true,
    .no_abi = "write `export * from \"" SDK "/proxy\"` in assembly/index.ts, with "
              "AssemblyScript 0.20 or later \"" SDK "/assembly/proxy\"",
    .build = build,
    .signs = "a package.json and a folder assembly",
    .fits = fits_assemblyscript,
    .look = look,
};
