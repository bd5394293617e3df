#include "toolchain/survey.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "toolchain/cargo.h"
#include "toolchain/go.h"
#include "toolchain/tinygo.h"

/* Where a project can choose no other version than the installed one. */
#define NEUTRAL_DIR "/"

static struct tool_place neutral(const struct survey_places *places)
{
    return (struct tool_place){
        .cwd = NEUTRAL_DIR, .quiet = true, .interrupted = places->interrupted};
}

void survey_finding_release(struct survey_finding *finding)
{
    free(finding->detail);
    free(finding->fix);
    *finding = (struct survey_finding){0};
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *survey_where(const char *path, const char *program)
{
    for (const char *at = path; at && *at; at += strcspn(at, ":"), at += *at == ':') {
        size_t len = strcspn(at, ":");
        AUTO_FREE char *file = mem_printf("%.*s/%s", (int)len, at, program);
        if (len && is_program(file))
            return STEAL(file);
    }
    return NULL;
}

/* The sentence and where the program is, when that is known. Frees the sentence. */
static char *with_place(char *sentence, const struct survey_places *places, const char *program)
{
    AUTO_FREE char *owned = sentence;
    AUTO_FREE char *where = survey_where(places->path, program);
    return where ? mem_printf("%s, %s", owned, where) : STEAL(owned);
}

/* A probe that failed: no such program, or one that does not run. */
static int take_failure(const struct tool *tool, struct survey_finding *out, struct err *err)
{
    if (err->code == ERR_INTERRUPTED)
        return err->code;
    bool absent = err->code == ERR_NOT_FOUND;
    out->verdict = absent ? SURVEY_ABSENT : SURVEY_UNFIT;
    out->detail =
        absent ? mem_printf("%s: not found in PATH", tool->program) : mem_dup(err_text(err));
    out->fix = absent ? mem_dup(tool->install)
                      : mem_printf("see what `%s` says, or %s", tool->program, tool->install);
    err_release(err);
    return 0;
}

static char *version_text(const char *name, const struct version *version)
{
    if (!version_known(version))
        return mem_printf("%s of a version that it does not say", name);
    return mem_printf("%s %d.%d.%d", name, version->major, version->minor, version->patch);
}

static int look_tinygo(const struct survey_places *places, struct survey_finding *out,
                       struct err *err)
{
    struct tinygo_facts facts = {.main = GO_MAIN_CODE};
    const struct tool_place where = neutral(places);
    if (tinygo_probe(&where, &facts, err))
        return take_failure(&tinygo_tool, out, err);
    AUTO_FREE char *tinygo = version_text("TinyGo", &facts.tinygo);
    AUTO_FREE char *go = version_text("Go", &facts.go);
    char *versions = mem_printf("%s with %s", tinygo, go);
    AUTO_FREE char *what = NULL;
    if (tinygo_refuses_go(&facts, &what, &out->fix)) {
        out->verdict = SURVEY_BROKEN;
        AUTO_FREE char *place = with_place(versions, places, "tinygo");
        out->detail = mem_printf("%s: %s", place, what);
    } else if (tinygo_main_ends(&facts)) {
        out->verdict = SURVEY_UNFIT;
        AUTO_FREE char *place = with_place(versions, places, "tinygo");
        out->detail = mem_printf("%s: " TINYGO_MAIN_ENDS, place);
        out->fix = mem_dup(TINYGO_MAIN_FIX);
    } else {
        out->detail = with_place(versions, places, "tinygo");
    }
    return 0;
}

static int look_go(const struct survey_places *places, struct survey_finding *out, struct err *err)
{
    struct version version = {0};
    const struct tool_place where = neutral(places);
    if (go_probe(&where, &version, err))
        return take_failure(&go_tool, out, err);
    out->detail = with_place(version_text("Go", &version), places, "go");
    if (go_check_version(&version, ERR_IGNORED) == 0)
        return 0;
    AUTO_FREE char *place = STEAL(out->detail);
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s: builds no filters by itself, which came with Go 1.24", place);
    out->fix = mem_printf("%s, or build with TinyGo", go_tool.install);
    return 0;
}

static int look_rust(const struct survey_places *places, struct survey_finding *out,
                     struct err *err)
{
    AUTO_FREE char *version = NULL;
    const char *target = NULL;
    const struct tool_place where = neutral(places);
    if (cargo_probe_version(&where, &version, err))
        return take_failure(&cargo_tool, out, err);
    version[strcspn(version, "(")] = '\0';
    for (size_t len = strlen(version); len && version[len - 1] == ' '; len--)
        version[len - 1] = '\0';
    AUTO_FREE char *place = with_place(mem_printf("%.100s", version), places, "cargo");
    int rc = cargo_probe_target(&where, &target, err);
    if (!rc) {
        out->detail = mem_printf("%s, builds for %s", place, target);
        return 0;
    }
    if (rc != ERR_UNSUPPORTED)
        return take_failure(&rustc_tool, out, err);
    /* "this Rust has no standard library …: how to get it" */
    const char *text = err_text(err);
    const char *colon = strstr(text, ": ");
    out->verdict = SURVEY_UNFIT;
    out->detail =
        mem_printf("%s: %.*s", place, (int)(colon ? colon - text : (long)strlen(text)), text);
    out->fix = colon ? mem_dup(colon + 2) : NULL;
    err_release(err);
    return 0;
}

/* What `program --version` prints, run by its path. */
static int ask_version(const char *program, const struct tool *tool,
                       const struct survey_places *places, struct buf *text, struct err *err)
{
    const char *const argv[] = {program, "--version", NULL};
    const struct tool_call call = {
        .tool = tool, .what = program, .argv = argv, .place = neutral(places)};
    return tool_probe(&call, text, err);
}

/* A language that wasme does not build yet is still told of: its result can be taken. */
static char *with_builder(char *sentence, const char *language)
{
    AUTO_FREE char *owned = sentence;
    if (builder_find(language))
        return STEAL(owned);
    return mem_printf("%s; wasme has no builder for it: take its .wasm with `wasme build "
                      "precompiled`",
                      owned);
}

static int look_assemblyscript(const struct survey_places *places, struct survey_finding *out,
                               struct err *err)
{
    static const struct tool node = {"node", "get Node.js and npm from https://nodejs.org/"};
    static const struct tool npm = {"npm", "get Node.js and npm from https://nodejs.org/"};
    struct buf text AUTO(buf_release) = BUF_INIT(TOOL_PROBE_MAX);
    struct version version = {0};
    if (ask_version(node.program, &node, places, &text, err))
        return take_failure(&node, out, err);
    (void)version_find(buf_text(&text), "v", &version);
    char *found = with_place(version_text("Node.js", &version), places, "node");
    AUTO_FREE char *with_npm = survey_where(places->path, npm.program);
    if (with_npm) {
        out->detail = with_builder(found, "assemblyscript");
        return 0;
    }
    AUTO_FREE char *owned = found;
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s, without npm", owned);
    out->fix = mem_dup(npm.install);
    return 0;
}

/* The C library for wasm32-wasi: that of a wasi-sdk, or Debian's wasi-libc. */
static char *find_sysroot(const struct survey_places *places)
{
    static const char *const folders[] = {"/opt/wasi-sdk/share/wasi-sysroot",
                                          "/usr/share/wasi-sysroot", "/usr/lib/wasm32-wasi"};
    AUTO_FREE char *own =
        places->wasi_sdk ? mem_printf("%s/share/wasi-sysroot", places->wasi_sdk) : NULL;
    if (own && access(own, R_OK) == 0)
        return STEAL(own);
    for (size_t i = 0; i < COUNT(folders); i++)
        if (access(folders[i], R_OK) == 0)
            return mem_dup(folders[i]);
    return NULL;
}

static char *find_clang(const struct survey_places *places)
{
    AUTO_FREE char *own = places->wasi_sdk ? mem_printf("%s/bin/clang", places->wasi_sdk) : NULL;
    return own && is_program(own) ? STEAL(own) : survey_where(places->path, "clang");
}

static int look_c(const struct survey_places *places, struct survey_finding *out, struct err *err)
{
    static const struct tool clang = {
        "clang",
        "get a wasi-sdk and set WASI_SDK_PATH, or Debian's packages clang, lld and wasi-libc"};
    struct buf text AUTO(buf_release) = BUF_INIT(TOOL_PROBE_MAX);
    struct version version = {0};
    AUTO_FREE char *program = find_clang(places);
    if (!program)
        (void)err_set(err, ERR_NOT_FOUND, "not there");
    if (!program || ask_version(program, &clang, places, &text, err))
        return take_failure(&clang, out, err);
    (void)version_find(buf_text(&text), "clang version ", &version);
    AUTO_FREE char *name = version_text("clang", &version);
    AUTO_FREE char *sysroot = find_sysroot(places);
    AUTO_FREE char *folder = mem_dup_n(program, (size_t)(strrchr(program, '/') - program));
    AUTO_FREE char *beside = mem_printf("%s/wasm-ld", folder);
    AUTO_FREE char *linker = survey_where(places->path, "wasm-ld");
    if (sysroot && (linker || is_program(beside))) {
        out->detail = with_builder(
            mem_printf("%s, %s, with the libraries of %s", name, program, sysroot), "c");
        return 0;
    }
    out->verdict = SURVEY_UNFIT;
    out->detail = mem_printf("%s, %s, without %s", name, program,
                             sysroot ? "the linker wasm-ld" : "a C library for wasm32-wasi");
    out->fix = mem_dup(clang.install);
    return 0;
}

const struct survey surveys[] = {
    {"tinygo", look_tinygo}, {"go", look_go},
    {"rust", look_rust},     {"assemblyscript", look_assemblyscript},
    {"c", look_c},           {NULL, NULL},
};
