#include "toolchain/cargo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "toolchain/artifact.h"
#include "toolchain/cargo_config.h"
#include "toolchain/cargo_plan.h"
#include "toolchain/fits.h"
#include "toolchain/project.h"
#include "toolchain/survey.h"
#include "toolchain/tool.h"

#define CARGO_NO_ABI "use the crate proxy-wasm in the package that is built"

static const struct tool cargo_tool = {
    .program = "cargo",
    .install = "get Rust from https://rustup.rs/, or Debian's packages cargo and "
               "libstd-rust-dev-wasm32",
};
static const struct tool rustc_tool = {
    .program = "rustc",
    .install = "get Rust from https://rustup.rs/, or Debian's packages rustc and "
               "libstd-rust-dev-wasm32",
};

#define TARGET_VARIABLE "CARGO_BUILD_TARGET"

static const char *const targets[] = {"wasm32-wasip1", "wasm32-wasi", "wasm32-unknown-unknown"};

static bool has_line(const char *lines, const char *wanted)
{
    size_t len = strlen(wanted);
    for (const char *at = lines; (at = strstr(at, wanted)) != NULL; at += len) {
        bool starts = at == lines || at[-1] == '\n';
        if (starts && (at[len] == '\n' || at[len] == '\r' || at[len] == '\0'))
            return true;
    }
    return false;
}

int cargo_choose_target(const char *known, int (*installed)(void *arg, const char *target),
                        void *arg, const char **out, struct err *err)
{
    const char *first = NULL;
    for (size_t i = 0; i < COUNT(targets); i++) {
        if (!has_line(known, targets[i]))
            continue;
        first = first ? first : targets[i];
        int found = installed(arg, targets[i]);
        if (found < 0)
            return found;
        if (found) {
            *out = targets[i];
            return 0;
        }
    }
    return err_set(err, ERR_UNSUPPORTED,
                   "this Rust has no standard library for WebAssembly: `rustup target add %s`, or "
                   "with Debian's Rust `apt install libstd-rust-dev-wasm32`",
                   first ? first : targets[0]);
}

/* With --message-format cargo names the files that it wrote, wherever CARGO_TARGET_DIR or a
 * workspace puts them. The compiler's messages still come as text, on standard error. */
void cargo_command(const char *target, const char *const *extra, struct args *args)
{
    static const char *const start[] = {"cargo", "build",
                                        "--message-format=json-render-diagnostics", NULL};
    args_add_all(args, start);
    if (!args_have(extra, "--profile") && !args_have(extra, "--release") && !args_have(extra, "-r"))
        args_add(args, "--release");
    if (target) {
        args_add(args, "--target");
        args_add(args, target);
    }
    args_add_all(args, extra);
}

struct probe {
    const struct tool_place *place;
    struct err *err;
};

static int std_is_installed(void *arg, const char *target)
{
    const struct probe *probe = arg;
    const char *const argv[] = {"rustc", "--print", "target-libdir", "--target", target, NULL};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    const struct tool_call call = {.tool = &rustc_tool,
                                   .what = "rustc --print target-libdir",
                                   .argv = argv,
                                   .place = *probe->place};
    int rc = tool_probe(&call, &text, probe->err);
    if (rc)
        return rc;
    AUTO_FREE char *folder = buf_steal(&text);
    folder[strcspn(folder, "\r\n")] = '\0';
    return tool_folder_has(probe->place, folder, "libstd-", probe->err);
}

/* Asks the rustc in PATH for its targets, and chooses one. */
static int probe_target(const struct tool_place *place, const char **target, struct err *err)
{
    static const char *const argv[] = {"rustc", "--print", "target-list", NULL};
    AUTO(buf_release) struct buf known = BUF_INIT(TOOL_PROBE_MAX);
    const struct tool_call call = {
        .tool = &rustc_tool, .what = "rustc --print target-list", .argv = argv, .place = *place};
    int rc = tool_probe(&call, &known, err);
    if (rc)
        return rc;
    struct probe probe = {.place = place, .err = err};
    return cargo_choose_target(buf_text(&known), std_is_installed, &probe, target, err);
}

static bool is_wasm(const char *target)
{
    return strncmp(target, "wasm32", 6) == 0;
}

/* Refuses flags of the user that leave nothing for wasme to take. */
static int check_flags(const char *const *extra, struct err *err)
{
    const char *target = args_value(extra, "target");
    if (args_have(extra, "--message-format"))
        return err_set(err, ERR_USAGE,
                       "--message-format behind --: wasme reads cargo's messages to find the "
                       "module, so leave the flag out");
    if (target && !is_wasm(target) && !strstr(target, ".json"))
        return err_set(err, ERR_USAGE,
                       "--target %.80s behind -- makes no WebAssembly: leave it out, and wasme "
                       "chooses the target",
                       *target ? target : "\"\"");
    return 0;
}

/* `*target` stays NULL when the user, the environment or the project has chosen a target, which is
 * then `*named_one`, owned: cargo reads them in that order. A target that is no wasm32 is no choice
 * for a filter. */
static int find_target(const struct build_request *request, char **named_one, const char **target,
                       struct err *err)
{
    const char *given = args_value(request->extra, "target");
    if (given) {
        *named_one = mem_dup(given);
        return 0;
    }
    const char *named = request->variable ? request->variable(TARGET_VARIABLE) : NULL;
    if (named && is_wasm(named)) {
        notice_say(request->notice, NOTICE_INFO, "target %.80s, from " TARGET_VARIABLE, named);
        *named_one = mem_dup(named);
        return 0;
    }
    AUTO_FREE char *chosen = cargo_config_target(request->source);
    if (chosen) {
        notice_say(request->notice, NOTICE_INFO, "target %.80s, from the project's .cargo/config",
                   chosen);
        *named_one = STEAL(chosen);
        return 0;
    }
    const struct tool_place place = tool_place_of(request);
    return probe_target(&place, target, err);
}

/* Asks the cargo in PATH for its version: one line, which the caller frees. */
static int ask_version(const struct tool_place *place, char **line, struct err *err)
{
    static const char *const argv[] = {"cargo", "--version", NULL};
    AUTO(buf_release) struct buf text = BUF_INIT(TOOL_PROBE_MAX);
    const struct tool_call call = {
        .tool = &cargo_tool, .what = "cargo --version", .argv = argv, .place = *place};
    int rc = tool_probe(&call, &text, err);
    if (rc)
        return rc;
    *line = buf_steal(&text);
    (*line)[strcspn(*line, "\r\n")] = '\0';
    return 0;
}

static int tell_version(const struct build_request *request, struct err *err)
{
    AUTO_FREE char *line = NULL;
    const struct tool_place place = tool_place_of(request);
    int rc = ask_version(&place, &line, err);
    if (!rc)
        notice_say(request->notice, NOTICE_INFO, "%.200s", line);
    return rc;
}

/* Finds the Cargo.toml in the source folder itself; `*out` is an absolute path. */
static int find_manifest(const char *source, char **out, struct err *err)
{
    int rc = project_check_folder(source, err);
    if (rc)
        return rc;
    AUTO_FREE char *path = mem_printf("%s/Cargo.toml", source);
    if (access(path, F_OK) != 0)
        return err_set(err, ERR_NOT_FOUND,
                       "source %s: no Cargo.toml there: name the folder of the package or the "
                       "workspace",
                       source);
    *out = realpath(path, NULL);
    return *out ? 0 : err_errno(err, "%s", path);
}

/* Replaces the error of a failed build for a target that was named, when this Rust does not know
 * the target or lacks its library; else looks for another reason. */
static int explain(const struct build_request *request, const char *target, int rc, struct err *err)
{
    struct tool_place place = tool_place_of(request);
    AUTO(err_release) struct err unknown = {0};
    struct probe probe = {.place = &place, .err = &unknown};
    place.quiet = true;
    int found = target && is_wasm(target) ? std_is_installed(&probe, target) : 1;
    if (found == ERR_FAILED)
        return err_set(err, ERR_FAILED, "this Rust knows no target %.80s: %s", target,
                       strcmp(target, "wasm32-wasi") == 0
                           ? "Rust 1.84 and later name it wasm32-wasip1"
                           : "leave it out, and wasme chooses one");
    if (found == 0)
        return err_set(err, ERR_FAILED,
                       "this Rust has no standard library for %.80s: `rustup target add %.80s`, or "
                       "leave the target out, and wasme chooses one that is there",
                       target, target);
    return found == 1 ? cargo_plan_explain(request, &cargo_tool, rc, err) : rc;
}

static int run(const struct build_request *request, const char *target, const char *named,
               const char *manifest, char **wasm_path, struct err *err)
{
    AUTO(args_release) struct args args = {0};
    AUTO(buf_release) struct buf messages = BUF_INIT(TOOL_OUTPUT_MAX);
    cargo_command(target, request->extra, &args);
    const struct tool_call call = {.tool = &cargo_tool,
                                   .what = "cargo build",
                                   .argv = args.items,
                                   .place = tool_place_of(request)};
    int rc = tool_build(request, &call, &messages, err);
    if (rc == ERR_FAILED)
        return explain(request, named, rc, err);
    return rc ? rc : artifact_find(buf_text(&messages), manifest, wasm_path, err);
}

static int build(const struct build_request *request, char **wasm_path, struct err *err)
{
    const char *target = NULL;
    AUTO_FREE char *named = NULL;
    AUTO_FREE char *manifest = NULL;
    int rc = find_manifest(request->source, &manifest, err);
    if (!rc)
        rc = check_flags(request->extra, err);
    if (!rc)
        rc = tell_version(request, err);
    if (!rc)
        rc = find_target(request, &named, &target, err);
    return rc ? rc : run(request, target, named, manifest, wasm_path, err);
}

/* "cargo 1.70.0", without the commit and the date that stand behind it in brackets. */
static void cut_version(char *line)
{
    size_t len = strcspn(line, "(");
    while (len && line[len - 1] == ' ')
        len--;
    line[len] = '\0';
}

static int look(const struct survey *survey, struct survey_finding *out, struct err *err)
{
    AUTO_FREE char *version = NULL;
    const char *target = NULL;
    const struct tool_place place = survey_place(survey);
    if (ask_version(&place, &version, err))
        return survey_take_failure(&cargo_tool, out, err);
    cut_version(version);
    AUTO_FREE char *found =
        survey_with_place(survey, mem_printf("%.100s", version), cargo_tool.program);
    int rc = probe_target(&place, &target, err);
    if (!rc) {
        out->detail = mem_printf("%s, builds for %s", found, target);
        return 0;
    }
    if (rc != ERR_UNSUPPORTED)
        return survey_take_failure(&rustc_tool, out, err);
    /* The text reads "this Rust has no standard library ...: how to get it". */
    const char *text = err_text(err);
    const char *colon = strstr(text, ": ");
    out->verdict = SURVEY_UNFIT;
    out->detail =
        mem_printf("%s: %.*s", found, colon ? (int)(colon - text) : (int)strlen(text), text);
    out->fix = colon ? mem_dup(colon + 2) : NULL;
    err_release(err);
    return 0;
}

static const struct builder_remedy remedies[] = {
    {HOST_REASON_NO_ABI, false, CARGO_NO_ABI},
    {HOST_REASON_FEATURES, true,
     "take `-C target-feature=+...` out of RUSTFLAGS and .cargo/config.toml: RUSTFLAGS='-C "
     "target-cpu=mvp' has the fewest features"},
    {HOST_REASON_WASI, true,
     "build with `-- --target wasm32-unknown-unknown`, whose library asks for nothing of WASI"},
    {HOST_REASON_EXIT, false,
     "build it as a library: [lib] with crate-type = [\"cdylib\"] in Cargo.toml, and no "
     "src/main.rs"},
    {HOST_REASON_EARLY, false,
     "move the call out of proxy_wasm::main! into on_vm_start or a later callback"},
    {HOST_REASON_OTHER, false, NULL},
};

const struct builder cargo_builder = {
    .name = "cargo",
    .alias = "rust",
    .language = "rust",
    .summary = "Rust, for the WebAssembly target that is there",
    .needs_work_dir = true,
    .no_abi = CARGO_NO_ABI,
    .no_paths = "set RUSTFLAGS=--remap-path-prefix=$HOME=~",
    .producer = "Rust",
    .remedies = remedies,
    .signs = "a Cargo.toml",
    .fits = fits_cargo,
    .build = build,
    .look = look,
};
