/* The files of the starters, as a part of the program. */
#include <string.h>

#include "base/mem.h"
#include "starter/starter.h"

/*
 * Puts the file below lib/starter/ between two symbols of this object file. A path counts
 * from the folder in which the compiler runs, which is the folder of the Makefile.
 */
#define EMBED(symbol, path)                                                                        \
    extern const char begin_##symbol[] __attribute__((visibility("hidden")));                      \
    extern const char end_##symbol[] __attribute__((visibility("hidden")));                        \
    __asm__(".pushsection .rodata\nbegin_" #symbol ":\n"                                           \
            ".incbin \"lib/starter/" path "\"\nend_" #symbol ":\n"                                 \
            ".byte 0\n"                                                                            \
            ".popsection")

/* clang-format off */
#define TINYGO(X) \
    X(tinygo_readme, "tinygo", "README.md") \
    X(tinygo_ignore, "tinygo", ".gitignore") \
    X(tinygo_mod, "tinygo", "go.mod") \
    X(tinygo_sum, "tinygo", "go.sum") \
    X(tinygo_main, "tinygo", "main.go") \
    X(tinygo_test, "tinygo", "main_test.go")
#define GO(X) \
    X(go_readme, "go", "README.md") \
    X(go_ignore, "go", ".gitignore") \
    X(go_mod, "go", "go.mod") \
    X(go_main, "go", "main.go") \
    X(go_abi, "go", "abi.go") \
    X(go_test, "go", "main_test.go")
#define RUST(X) \
    X(rust_readme, "rust", "README.md") \
    X(rust_ignore, "rust", ".gitignore") \
    X(rust_manifest, "rust", "Cargo.toml") \
    X(rust_lib, "rust", "src/lib.rs") \
    X(rust_config, "rust", "src/config.rs")
#define ASSEMBLYSCRIPT(X) \
    X(as_readme, "assemblyscript", "README.md") \
    X(as_ignore, "assemblyscript", ".gitignore") \
    X(as_package, "assemblyscript", "package.json") \
    X(as_runtime, "assemblyscript", "runtime-config.json") \
    X(as_index, "assemblyscript", "assembly/index.ts") \
    X(as_tsconfig, "assemblyscript", "assembly/tsconfig.json")
#define C_SHARED(X) \
    X(c_ignore, "c", ".gitignore") \
    X(c_header, "c", "proxy_wasm.h")
#define C(X) \
    X(c_readme, "c", "README.md") \
    X(c_filter, "c", "filter.c") \
    C_SHARED(X)
#define C_MOSN(X) \
    X(c_mosn_readme, "c-mosn", "README.md") \
    X(c_mosn_filter, "c-mosn", "filter.c")
/* clang-format on */

#define EMBED_IN(symbol, folder, path) EMBED(symbol, "files/" folder "/" path);
TINYGO(EMBED_IN)
GO(EMBED_IN)
RUST(EMBED_IN)
ASSEMBLYSCRIPT(EMBED_IN)
C(EMBED_IN)
C_MOSN(EMBED_IN)
EMBED(readme_end, "files/README.md");
EMBED(tinygo_outline, "outlines/tinygo.wasm");
EMBED(go_outline, "outlines/go.wasm");
EMBED(rust_outline, "outlines/rust.wasm");
EMBED(as_outline, "outlines/assemblyscript.wasm");
EMBED(c_outline, "outlines/c.wasm");
EMBED(c_mosn_outline, "outlines/c-mosn.wasm");

#define ROW(symbol, folder, path) {path, begin_##symbol, end_##symbol},
static const struct starter_file tinygo_files[] = {TINYGO(ROW){NULL, NULL, NULL}};
static const struct starter_file go_files[] = {GO(ROW){NULL, NULL, NULL}};
static const struct starter_file rust_files[] = {RUST(ROW){NULL, NULL, NULL}};
static const struct starter_file as_files[] = {ASSEMBLYSCRIPT(ROW){NULL, NULL, NULL}};
static const struct starter_file c_files[] = {C(ROW){NULL, NULL, NULL}};
static const struct starter_file c_mosn_files[] = {C_MOSN(ROW) C_SHARED(ROW){NULL, NULL, NULL}};

static const struct starter_file readme_end = {NULL, begin_readme_end, end_readme_end};

#define OUTLINE(language)                                                                          \
    {                                                                                              \
        NULL, begin_##language##_outline, end_##language##_outline                                 \
    }
static const struct starter starters[] = {
    {.language = "tinygo",
     .summary = "Go, by TinyGo; with an SDK that has tests",
     .files = tinygo_files,
     .readme_end = &readme_end,
     .outline = OUTLINE(tinygo)},
    {.language = "go",
     .summary = "Go 1.24 or later; without an SDK",
     .files = go_files,
     .readme_end = &readme_end,
     .outline = OUTLINE(go)},
    {.language = "rust",
     .alias = "cargo",
     .summary = "Rust, with the crate proxy-wasm",
     .files = rust_files,
     .readme_end = &readme_end,
     .outline = OUTLINE(rust)},
    {.language = "assemblyscript",
     .summary = "AssemblyScript, with an SDK from npm",
     .prepare = "npm install",
     .files = as_files,
     .readme_end = &readme_end,
     .outline = OUTLINE(as)},
    {.language = "c",
     .alias = "cpp",
     .summary = "C, by clang; without an SDK",
     .files = c_files,
     .readme_end = &readme_end,
     .outline = OUTLINE(c)},
};

/* Other files for a host that does not load those above. */
static const struct {
    const char *host;
    struct starter starter;
} variants[] = {
    {"mosn",
     {.language = "c",
      .build = " --require mosn -- -mexec-model=command",
      .files = c_mosn_files,
      .outline = OUTLINE(c_mosn)}},
};

const struct starter *starter_for(const struct starter *starter, const char *host)
{
    for (size_t i = 0; i < COUNT(variants); i++)
        if (strcmp(variants[i].host, host) == 0 &&
            strcmp(variants[i].starter.language, starter->language) == 0)
            return &variants[i].starter;
    return starter;
}

const struct starter *starter_at(size_t at)
{
    return at < COUNT(starters) ? &starters[at] : NULL;
}

const char *starter_listed(size_t at)
{
    return at < COUNT(starters) ? starters[at].language : NULL;
}

const struct starter *starter_find(const char *language)
{
    for (size_t i = 0; i < COUNT(starters); i++) {
        const char *alias = starters[i].alias;
        if (strcmp(starters[i].language, language) == 0 || (alias && strcmp(alias, language) == 0))
            return &starters[i];
    }
    return NULL;
}
