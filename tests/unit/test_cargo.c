/* Cargo: the command, the target, and the module among what a build says it made. */
#include "unit.h"

#include "toolchain/artifact.h"
#include "toolchain/cargo.h"
#include "toolchain/cargo_config.h"
#include "toolchain/tool.h"

static void expect_cargo(const char *target, const char *const *extra, const char *wanted)
{
    AUTO(args_release) struct args args = {0};
    cargo_command(target, extra, &args);
    const struct tool_call call = {.argv = args.items};
    AUTO_FREE char *line = tool_line(&call);
    assert_string_equal(line, wanted);
}

#define CARGO "cargo build --message-format=json-render-diagnostics "

static void cargo_commands(void **state)
{
    (void)state;
    expect_cargo("wasm32-wasip1", NULL, CARGO "--release --target wasm32-wasip1");
    expect_cargo("wasm32-wasi", (const char *[]){"-p", "a", NULL},
                 CARGO "--release --target wasm32-wasi -p a");
    expect_cargo(NULL, (const char *[]){"--target=wasm32-wasi", NULL},
                 CARGO "--release --target=wasm32-wasi");
    expect_cargo("wasm32-wasi", (const char *[]){"--profile", "small", NULL},
                 CARGO "--target wasm32-wasi --profile small");
}

static int is_installed(void *arg, const char *target)
{
    const char *there = arg;
    return strcmp(there, "broken") == 0 ? ERR_FAILED : strstr(there, target) != NULL;
}

static const char *choose(const char *known, char *there, struct err *err)
{
    const char *target = NULL;
    int rc = cargo_choose_target(known, is_installed, there, &target, err);
    return rc ? NULL : target;
}

static void cargo_targets(void **state)
{
    (void)state;
    static const char old[] = "wasm32-unknown-unknown\nwasm32-wasi\nx86_64-unknown-linux-gnu\n";
    static const char now[] = "wasm32-unknown-unknown\nwasm32-wasip1\nwasm32-wasip1-threads\n";
    static const char threads[] = "wasm32-wasip1-threads\nwasm32-unknown-unknown\n";
    char all[] = "wasm32-unknown-unknown wasm32-wasi wasm32-wasip1",
         plain[] = "wasm32-unknown-unknown";
    char none[] = "", broken[] = "broken";
    struct err err = ERR_INIT;
    assert_string_equal(choose(old, all, ERR_IGNORED), "wasm32-wasi");
    assert_string_equal(choose(now, all, ERR_IGNORED), "wasm32-wasip1");
    assert_string_equal(choose(now, plain, ERR_IGNORED), "wasm32-unknown-unknown");
    assert_string_equal(choose(threads, all, ERR_IGNORED), "wasm32-unknown-unknown");
    assert_null(choose(now, broken, ERR_IGNORED));
    assert_null(choose(now, none, &err));
    assert_non_null(strstr(err_text(&err), "`rustup target add wasm32-wasip1`"));
    assert_null(choose(old, none, &err));
    assert_non_null(strstr(err_text(&err), "`rustup target add wasm32-wasi`"));
    assert_non_null(strstr(err_text(&err), "libstd-rust-dev-wasm32"));
    err_release(&err);
}

static void expect_config(const char *text, const char *wanted)
{
    AUTO_FREE char *target = cargo_config_target_in(text);
    assert_string_equal(target ? target : "", wanted);
}

static void cargo_configs(void **state)
{
    (void)state;
    expect_config("[build]\ntarget = \"wasm32-wasip1\" # comment\n", "wasm32-wasip1");
    expect_config("[net]\ngit=1\n[ build ]\n  target='wasm32-wasi'", "wasm32-wasi");
    expect_config("build.target = \"wasm32-unknown-unknown\"\n", "wasm32-unknown-unknown");
    expect_config("[build]\ntarget = \"x86_64-unknown-linux-gnu\"\n", "");
    expect_config("[build]\ntarget-dir = \"wasm32-out\"\n# target = \"wasm32-wasi\"\n", "");
    expect_config("[target.wasm32-wasi]\ntarget = \"wasm32-wasi\"\n", "");
    expect_config("[build]\ntarget = [\"wasm32-wasi\"]\n", "");
    expect_config("[build]\ntarget = \"wasm32", "wasm32");
    expect_config("", "");
}

#define ARTIFACT(id, manifest, type, file)                                                         \
    "{\"reason\":\"compiler-artifact\",\"package_id\":\"" id "\",\"manifest_path\":\"" manifest    \
    "\",\"target\":{\"kind\":[\"" type "\"],\"crate_types\":[\"" type                              \
    "\"],\"name\":\"x\"},\"filenames\":[" file "]}\n"
#define MODULE_A                                                                                   \
    ARTIFACT("path+file:///p/a#0.1.0", "/p/a/Cargo.toml", "cdylib",                                \
             "\"/t/liba.rlib\",\"/t/a.wasm\"")
#define MODULE_B                                                                                   \
    ARTIFACT("b 0.1.0 (path+file:///p/b)", "/p/b/Cargo.toml", "cdylib", "\"/t/b.wasm\"")
#define DEPENDENCY                                                                                 \
    ARTIFACT("registry+https://x#d@1.0.0", "/r/d/Cargo.toml", "cdylib", "\"/t/deps/d.wasm\"")
#define LIBRARY ARTIFACT("path+file:///p/l#l@0.1.0", "/p/l/Cargo.toml", "lib", "\"/t/l.rlib\"")
#define NATIVE ARTIFACT("path+file:///p/n#n@0.1.0", "/p/n/Cargo.toml", "cdylib", "\"/t/libn.so\"")

/* Expects the path, or an error that holds `wanted` when that is no path. */
static void expect_artifact(const char *messages, const char *manifest, const char *wanted)
{
    AUTO_FREE char *path = NULL;
    struct err err = ERR_INIT;
    int rc = artifact_find(messages, manifest, &path, &err);
    if (*wanted == '/') {
        assert_int_equal(rc, 0);
        assert_string_equal(path, wanted);
    } else {
        assert_int_equal(rc, ERR_FAILED);
        assert_non_null(strstr(err_text(&err), wanted));
    }
    err_release(&err);
}

static void artifacts(void **state)
{
    (void)state;
    expect_artifact("   noise\n" DEPENDENCY LIBRARY NATIVE MODULE_A
                    "{\"reason\":\"build-finished\",\"success\":true}\n",
                    "/p/Cargo.toml", "/t/a.wasm");
    expect_artifact(MODULE_B, "/p/Cargo.toml", "/t/b.wasm");
    expect_artifact(MODULE_A MODULE_B, "/p/b/Cargo.toml", "/t/b.wasm");
    expect_artifact(MODULE_A MODULE_B, "/p/Cargo.toml",
                    "2 modules, of the packages a, b: choose one with `-- -p NAME`");
    expect_artifact(LIBRARY DEPENDENCY NATIVE, "/p/Cargo.toml", "crate-type = [\"cdylib\"]");
    expect_artifact("", "/p/Cargo.toml", "made no module");
    expect_artifact("{}\n{\"reason\":1}\n{\"reason\":\"compiler-artifact\"}\n{broken", "/p",
                    "made no module");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cargo_commands),
        cmocka_unit_test(cargo_targets),
        cmocka_unit_test(cargo_configs),
        cmocka_unit_test(artifacts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
