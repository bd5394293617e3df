#include "toolchain/cargo_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "toolchain/version.h"

#define NEWER_RUST "get a newer one, with `rustup update` or from https://rustup.rs/"

/* What cargo says when it cannot even plan the build. */
static const struct tool_symptom plan_symptoms[] = {
    {"` is required", "this Rust is too old for that: get a newer one from https://rustup.rs/"},
    {"unknown edition", "this Rust is too old for that: get a newer one from https://rustup.rs/"},
    {"lock file version", "this Rust is too old for that: get a newer one from "
                          "https://rustup.rs/, or remove Cargo.lock"},
    {"esolve host", "the crates cannot be fetched: name a registry that this machine reaches in "
                    ".cargo/config.toml, or run `cargo vendor` where one is"},
    {"onnect to server", "the crates cannot be fetched: name a registry that this machine reaches "
                         "in .cargo/config.toml, or run `cargo vendor` where one is"},
    {"failed to fetch `",
     "the crates cannot be fetched: name a registry that this machine reaches in "
     ".cargo/config.toml, or run `cargo vendor` where one is"},
    {"believes it's in a workspace",
     "add the package to workspace.members in the Cargo.toml above, "
     "or an empty [workspace] to its own Cargo.toml"},
    {"failed to parse manifest", "mend Cargo.toml"},
    {"did not match any packages", "`cargo metadata` lists the packages"},
    {NULL, NULL},
};

static bool is_newer(const char *wanted, const struct version *have)
{
    struct version want = {0};
    if (!version_known(have) || !version_find(wanted, "", &want))
        return false;
    return version_before(have, want.major, want.minor);
}

char *cargo_plan_too_new(const char *plan, const char *rustc_version)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    struct version have = {0};
    if (!version_find(rustc_version, "rustc ", &have) ||
        json_doc_parse(plan, strlen(plan), &doc, ERR_IGNORED))
        return NULL;
    const struct json_t *packages = json_member(doc, "packages");
    for (size_t i = 0; i < json_arr_len(packages); i++) {
        const struct json_t *package = json_arr_at(packages, i);
        const char *wanted = json_member_text(package, "rust_version");
        const char *name = json_member_text(package, "name");
        if (wanted && name && is_newer(wanted, &have))
            return mem_printf(
                "the package %.100s requires Rust %.40s, and this Rust is %d.%d: " NEWER_RUST, name,
                wanted, have.major, have.minor);
    }
    return NULL;
}

static int probe(const struct build_request *request, const struct tool *tool,
                 const char *const *argv, struct buf *out, struct err *err)
{
    struct tool_call call = {.tool = tool,
                             .what = tool->program,
                             .argv = argv,
                             .symptoms = plan_symptoms,
                             .place = tool_place_of(request)};
    call.place.quiet = true;
    return tool_probe(&call, out, err);
}

int cargo_plan_explain(const struct build_request *request, const struct tool *cargo, int rc,
                       struct err *err)
{
    static const struct tool rustc = {.program = "rustc", .install = ""};
    static const char *const ask_plan[] = {"cargo", "metadata", "--format-version=1", "--quiet",
                                           NULL};
    static const char *const ask_version[] = {"rustc", "--version", NULL};
    AUTO(buf_release) struct buf plan = BUF_INIT(TOOL_OUTPUT_MAX);
    AUTO(buf_release) struct buf version = BUF_INIT(TOOL_PROBE_MAX);
    AUTO(err_release) struct err reason = {0};
    int got = probe(request, cargo, ask_plan, &plan, &reason);
    if (got == ERR_FAILED)
        return err_move(err, &reason);
    if (got || probe(request, &rustc, ask_version, &version, &reason))
        return rc;
    AUTO_FREE char *too_new = cargo_plan_too_new(buf_text(&plan), buf_text(&version));
    return too_new ? err_set(err, rc, "cargo build failed: %s", too_new) : rc;
}
