/* Toolchains: versions, the exact command for each, and the parsing of sources and messages. */
#include "unit.h"

#include <fcntl.h>

#include "base/dir.h"
#include "base/file.h"
#include "toolchain/assemblyscript.h"
#include "toolchain/assemblyscript_project.h"
#include "toolchain/cargo_config.h"
#include "toolchain/clang.h"
#include "toolchain/clang_kit.h"
#include "toolchain/clang_source.h"
#include "toolchain/go.h"
#include "toolchain/go_tool.h"
#include "toolchain/gosource.h"
#include "toolchain/project.h"
#include "toolchain/survey.h"
#include "toolchain/tinygo_flags.h"
#include "toolchain/tool.h"
#include "toolchain/toolchain.h"

static void expect_line(const struct args *args, const char *const *env, const char *cwd,
                        const char *wanted)
{
    const struct tool_call call = {.argv = args->items, .env = env, .place.cwd = cwd};
    AUTO_FREE char *line = tool_line(&call);
    assert_string_equal(line, wanted);
}

static void expect_version(const char *text, const char *marker, int major, int minor, int patch)
{
    struct version version;
    assert_int_equal(version_find(text, marker, &version), major || minor);
    assert_int_equal(version.major, major);
    assert_int_equal(version.minor, minor);
    assert_int_equal(version.patch, patch);
}

static void versions(void **state)
{
    (void)state;
    expect_version("go version go1.26.8 linux/amd64\n", "go", 1, 26, 8);
    expect_version("0.13.0\n", "", 0, 13, 0);
    expect_version("none\n", "", 0, 0, 0);
    expect_version("go version go1.24 linux/amd64\n", "go", 1, 24, 0);
    expect_version("go version go1.25rc1 linux/amd64\n", "go", 1, 25, 0);
    expect_version("go version devel go1.27-7c1e4a3 Mon linux/amd64\n", "go", 1, 27, 0);
    expect_version("tinygo version 0.34.0-dev-1f2a linux/arm64", "tinygo version ", 0, 34, 0);
    expect_version("go version go1.", "go", 0, 0, 0);
    expect_version("go version devel +abc", "go", 0, 0, 0);
    expect_version("go99999999999.1", "go", 0, 0, 0);
    expect_version("", "go", 0, 0, 0);
}

static void tinygo_versions(void **state)
{
    (void)state;
    struct tinygo_facts facts = {0};
    tinygo_read_version("tinygo version 0.35.0 linux/amd64 (using go version go1.24.1 and LLVM "
                        "version 18.1.2)\n",
                        &facts);
    assert_int_equal(facts.tinygo.minor, 35);
    assert_int_equal(facts.go.minor, 24);
    tinygo_read_version("tinygo version 0.28.1 linux/amd64 (using go version <unknown> and LLVM "
                        "version 15.0.0)\n",
                        &facts);
    assert_int_equal(facts.tinygo.patch, 1);
    assert_false(version_known(&facts.go));
}

#define TINYGO "tinygo build -o /w/filter.wasm -scheduler=none "
#define CUSTOM_GC "-gc=custom -tags='custommalloc nottinygc_finalizer' "

static void tinygo_commands(void **state)
{
    (void)state;
    static const struct {
        int minor;
        bool nottinygc;
        enum gosource_main main;
        const char *line;
    } cases[] = {
        {23, false, GO_MAIN_CODE, TINYGO "-target=wasi -wasm-abi=generic -no-debug ."},
        {26, false, GO_MAIN_EMPTY, TINYGO "-target=wasi -wasm-abi=generic -no-debug ."},
        {27, true, GO_MAIN_CODE, TINYGO "-target=wasi ."},
        {28, false, GO_MAIN_CODE, TINYGO "-target=wasi ."},
        {28, true, GO_MAIN_CODE, TINYGO "-target=wasi " CUSTOM_GC "."},
        {29, true, GO_MAIN_CODE, TINYGO "-target=wasi ."},
        {31, false, GO_MAIN_EMPTY, TINYGO "-target=wasi ."},
        {32, false, GO_MAIN_EMPTY, TINYGO "-target=wasip1 ."},
        {34, false, GO_MAIN_EMPTY, TINYGO "-target=wasip1 ."},
        {35, false, GO_MAIN_CODE, TINYGO "-target=wasip1 ."},
        {35, false, GO_MAIN_EMPTY, TINYGO "-target=wasip1 -buildmode=c-shared ."},
        {36, false, GO_MAIN_CODE, TINYGO "-target=wasip1 -buildmode=wasi-legacy ."},
        {39, false, GO_MAIN_NONE, TINYGO "-target=wasip1 -buildmode=c-shared ."},
        {39, false, GO_MAIN_CODE, TINYGO "-target=wasip1 -buildmode=wasi-legacy ."},
        {0, false, GO_MAIN_CODE, TINYGO "-target=wasip1 -buildmode=wasi-legacy ."}, /* not known */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tinygo_facts facts = {
            .tinygo.minor = cases[i].minor, .nottinygc = cases[i].nottinygc, .main = cases[i].main};
        AUTO(args_release) struct args args = {0};
        tinygo_command(&facts, "/w/filter.wasm", NULL, &args);
        expect_line(&args, NULL, ".", cases[i].line);
    }
}

static void tinygo_extra(void **state)
{
    (void)state;
    struct tinygo_facts facts = {.tinygo.minor = 33, .main = GO_MAIN_CODE};
    static const char *const extra[] = {"-tags=a b", "-x", NULL};
    AUTO(args_release) struct args args = {0};
    tinygo_command(&facts, "/w/filter.wasm", extra, &args);
    expect_line(&args, NULL, "my filter",
                "cd 'my filter' && " TINYGO "-target=wasip1 -tags='a b' -x .");
}

static void values(void **state)
{
    (void)state;
    static const char *const args[] = {"-x",       "-tags", "a b",  "--buildmode=default",
                                       "-tagsy=n", "y",     "-opt", NULL};
    assert_string_equal(args_value(args, "tags"), "a b");
    assert_string_equal(args_value(args, "buildmode"), "default");
    assert_string_equal(args_value(args, "opt"), "");
    assert_null(args_value(args, "y"));
    assert_null(args_value(NULL, "y"));
}

static void tinygo_flags(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    static const char *const dropped[] = {"-wasm-abi=generic", NULL};
    static const char *const mode[] = {"-buildmode=default", NULL};
    struct tinygo_facts facts = {.tinygo.minor = 26, .main = GO_MAIN_CODE};
    assert_int_equal(tinygo_check_flags(&facts, dropped, ERR_IGNORED), 0);
    facts.tinygo.minor = 39;
    assert_int_equal(tinygo_check_flags(&facts, NULL, ERR_IGNORED), 0);
    assert_int_equal(tinygo_check_flags(&facts, dropped, &err), ERR_USAGE);
    assert_contains(err_text(&err), "TinyGo has no flag -wasm-abi since 0.27");
    facts.buildmode = "default";
    AUTO(args_release) struct args args = {0};
    tinygo_command(&facts, "/w/filter.wasm", mode, &args);
    expect_line(&args, NULL, ".", TINYGO "-target=wasip1 -buildmode=default .");
}

static void keep_warning(void *arg, enum notice_level level, const char *text)
{
    if (level == NOTICE_WARNING)
        buf_printf(arg, "%s\n", text);
}

/* `wanted` is how the warning begins; "" means none. */
static void expect_warning(int tinygo, int go, enum gosource_main main_is, const char *wanted)
{
    AUTO(buf_release) struct buf said = BUF_INIT(4096);
    const struct notice notice = {keep_warning, &said};
    struct tinygo_facts facts = {
        .tinygo.minor = tinygo, .go = {.major = go ? 1 : 0, .minor = go}, .main = main_is};
    tinygo_warn(&facts, &notice);
    if (strncmp(buf_text(&said), wanted, strlen(wanted)) != 0 || !*wanted != !said.len)
        fail_msg("\"%s\" is not \"%s\"", buf_text(&said), wanted);
}

static void tinygo_warnings(void **state)
{
    (void)state;
    expect_warning(
        35, 24, GO_MAIN_EMPTY,
        "TinyGo 0.35 refuses Go 1.24: `GOTOOLCHAIN=go1.23.12 wasme build tinygo ...` is the quick "
        "fix; else install TinyGo 0.36 or later, or put Go 1.23 first in PATH\n");
    expect_warning(28, 22, GO_MAIN_CODE,
                   "TinyGo 0.28 refuses Go 1.22: install TinyGo 0.31 or later, or put Go 1.20");
    expect_warning(
        39, 26, GO_MAIN_CODE,
        "TinyGo 0.39 refuses Go 1.26: `GOTOOLCHAIN=go1.25.10 wasme build tinygo ...` is the quick "
        "fix; else install a newer TinyGo, or put Go 1.25 first in PATH\n");
    expect_warning(35, 23, GO_MAIN_CODE, "TinyGo 0.35 ends the module when main returns");
    expect_warning(35, 23, GO_MAIN_EMPTY, "");
    expect_warning(36, 24, GO_MAIN_CODE, "");
    expect_warning(28, 20, GO_MAIN_CODE, "");
    expect_warning(28, 0, GO_MAIN_CODE, "");
    expect_warning(55, 60, GO_MAIN_CODE, "");
    expect_warning(20, 26, GO_MAIN_CODE, "");
}

static void go_versions(void **state)
{
    (void)state;
    struct version old = {1, 22, 3}, fits = {1, 24, 0}, unknown = {0};
    struct err err = ERR_INIT;
    assert_int_equal(go_check_version(&fits, ERR_IGNORED), 0);
    assert_int_equal(go_check_version(&unknown, ERR_IGNORED), 0);
    assert_int_equal(go_check_version(&old, &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err_text(&err), "Go 1.22.3 cannot build a filter"));
    assert_non_null(strstr(err_text(&err), "https://go.dev/dl/"));
    err_release(&err);
}

static void go_commands(void **state)
{
    (void)state;
    static const char *const env[] = {"GOOS=wasip1", "GOARCH=wasm", "X=it's", NULL};
    static const char *const extra[] = {"-trimpath", NULL};
    AUTO(args_release) struct args args = {0};
    go_command("/w/filter.wasm", extra, &args);
    expect_line(&args, env, "f",
                "cd f && GOOS=wasip1 GOARCH=wasm X='it'\\''s' go build -buildmode=c-shared "
                "-o /w/filter.wasm -trimpath .");
}

static void write_text(const char *dir, const char *name, const char *text)
{
    AUTO_FREE char *path = mem_printf("%s/%s", dir, name);
    assert_int_equal(file_create(AT_FDCWD, path, text, strlen(text), ERR_IGNORED), 0);
}

static void folders(void **state)
{
    (void)state;
    char dir[] = "/tmp/test_toolchainXXXXXX";
    assert_non_null(mkdtemp(dir));
    AUTO_FREE char *inner = mem_printf("%s/a/b", dir);
    AUTO_FREE char *config = mem_printf("%s/a/.cargo", dir);
    assert_int_equal(dir_make_all(inner, ERR_IGNORED), 0);
    assert_int_equal(dir_make_all(config, ERR_IGNORED), 0);
    write_text(dir, "go.mod", "module m\n");
    write_text(config, "config.toml", "[build]\ntarget = \"wasm32-wasi\"\n");
    write_text(inner, "main.go", "func main() { run() }");
    AUTO_FREE char *target = cargo_config_target(inner);
    assert_string_equal(target, "wasm32-wasi");
    assert_null(cargo_config_target(dir));

    AUTO_FREE char *file = mem_printf("%s/main.go", inner);
    struct err err = ERR_INIT;
    assert_int_equal(project_check_folder(file, &err), ERR_FAILED);
    assert_non_null(strstr(err_text(&err), "is not a folder"));
    err_release(&err);
    assert_int_equal(dir_remove_all(AT_FDCWD, dir, ERR_IGNORED), 0);
}

static void the_table(void **state)
{
    (void)state;
    assert_string_equal(builder_find("rust")->name, "cargo");
    assert_string_equal(builder_find("tinygo")->name, "tinygo");
    assert_null(builder_find("cobol"));
    assert_string_equal(builder_find("cpp")->name, "c");
    for (const struct builder *const *at = builders; *at; at++) {
        assert_true(strlen((*at)->summary) <= 50);
        assert_non_null((*at)->build);
    }
}

/* A tool that is not there is a finding, and no error. */
static void surveys(void **state)
{
    (void)state;
    static const struct tool cobc = {.program = "cobc", .install = "get it"};
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(survey_finding_release) struct survey_finding absent = {0};
    AUTO(buf_release) struct buf text = BUF_INIT(100);
    const struct survey survey = {.variable = getenv};
    assert_string_equal(survey_name(builder_find("cargo")), "rust");
    assert_string_equal(survey_name(builder_find("cpp")), "c");
    assert_int_equal(survey_ask_version(&survey, &cobc, "wasme-no-such-tool", &text, &err),
                     ERR_NOT_FOUND);
    assert_ok(survey_take_failure(&cobc, &absent, &err), &err);
    assert_int_equal(absent.verdict, SURVEY_ABSENT);
    assert_string_equal(absent.detail, "cobc: not found in PATH");
    assert_string_equal(absent.fix, "get it");
}

static char *clang_line(int version, const char *sysroot, struct clang_source *source,
                        const char *const *extra)
{
    AUTO(clang_command_release)
    struct clang_command texts = {
        .output = mem_dup("o"), .exports = mem_dup("@e"), .imports = mem_dup("i")};
    AUTO(args_release) struct args args = {0};
    struct clang_kit kit = {.program = (char[]){"clang"},
                            .version.major = version,
                            .target = "wasm32-wasi",
                            .sysroot = sysroot};
    clang_command(&kit, source, extra, &texts, &args);
    const struct tool_call call = {.argv = args.items};
    return tool_line(&call);
}

static void clang_commands(void **state)
{
    (void)state;
    char a[] = "a.c", b[] = "b.cc", flag[] = "-DA";
    char *names[] = {a, b, NULL}, *flags[] = {flag, NULL};
    struct clang_source c = {.files = {names, 1}, .flags = {flags, 1}};
    AUTO_FREE char *line = clang_line(14, NULL, &c, (const char *[]){"-O3", NULL});
    assert_string_equal(line, "clang --target=wasm32-wasi -mexec-model=reactor -O2 -o o a.c b.cc "
                              "@e -Xlinker i -DA -O3");
    struct clang_source cxx = {
        .files = {names + 1, 1}, .cxx = 1, .sdk = (char[]){"/sdk"}, .add_intrinsics = true};
    AUTO_FREE char *old = clang_line(14, "/s", &cxx, NULL);
    assert_string_equal(old, "clang --target=wasm32-wasi --sysroot=/s -mexec-model=reactor -O2 "
                             "-fno-exceptions -fno-rtti -std=c++17 -I/sdk -include errno.h -o o "
                             "b.cc /sdk/proxy_wasm_intrinsics.cc -lc++ -lc++abi @e -Xlinker i");
    AUTO_FREE char *now = clang_line(19, NULL, &cxx, NULL);
    assert_null(strstr(now, "-std="));
    struct clang_source mixed = {.files = {names, 2}, .cxx = 1};
    AUTO_FREE char *both = clang_line(14, NULL, &mixed, NULL);
    assert_null(strstr(both, "-std=")); /* C has another standard */
    assert_non_null(strstr(both, "-fno-exceptions -fno-rtti"));
}

static void expect_asc(const struct assemblyscript_project *project, bool has_sdk,
                       const char *const *extra, const char *wanted)
{
    AUTO(args_release) struct args args = {0};
    const struct assemblyscript_tools tools = {.asc = (char[]){"asc"}, .has_sdk = has_sdk};
    assemblyscript_command(project, &tools, "o", extra, &args);
    expect_line(&args, NULL, NULL, wanted);
}

static void asc_commands(void **state)
{
    (void)state;
    const struct assemblyscript_project plain = {0};
    const struct assemblyscript_project configured = {
        .config = (char[]){"{\"options\": {\"use\": \"abort=mine\"}}"}, .has_entries = true};
    const struct assemblyscript_project targets = {.config = (char[]){"{}"}};
    expect_asc(&plain, false, NULL, "asc assembly/index.ts --optimize --use abort= -o o");
    expect_asc(&plain, true, NULL,
               "asc assembly/index.ts --optimize --use abort=abort_proc_exit -o o");
    expect_asc(&plain, true, (const char *[]){"a.ts", "--use", "abort=x", NULL},
               "asc --optimize -o o a.ts --use abort=x");
    expect_asc(&configured, true, NULL, "asc --target release -o o");
    expect_asc(&targets, true, (const char *[]){"--target", "debug", NULL},
               "asc assembly/index.ts --use abort=abort_proc_exit -o o --target debug");
}

static void precompiled(void **state)
{
    (void)state;
    const struct builder *builder = builder_find("precompiled");
    struct build_request request = {.source = "/proc/self/exe"};
    AUTO_FREE char *path = NULL;
    assert_int_equal(builder->build(&request, &path, ERR_IGNORED), 0);
    assert_string_equal(path, "/proc/self/exe");
    char *unset = NULL;
    request.source = "/";
    assert_int_equal(builder->build(&request, &unset, ERR_IGNORED), ERR_FAILED);
    request.source = "/proc/no/such";
    assert_int_equal(builder->build(&request, &unset, ERR_IGNORED), ERR_NOT_FOUND);
    request.source = "/proc/self/exe";
    request.extra = (const char *const[]){"-O2", NULL};
    assert_int_equal(builder->build(&request, &unset, ERR_IGNORED), ERR_USAGE);
    assert_null(unset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),        cmocka_unit_test(tinygo_versions),
        cmocka_unit_test(tinygo_commands), cmocka_unit_test(tinygo_extra),
        cmocka_unit_test(tinygo_warnings), cmocka_unit_test(tinygo_flags),
        cmocka_unit_test(go_versions),     cmocka_unit_test(go_commands),
        cmocka_unit_test(folders),         cmocka_unit_test(the_table),
        cmocka_unit_test(precompiled),     cmocka_unit_test(values),
        cmocka_unit_test(surveys),         cmocka_unit_test(clang_commands),
        cmocka_unit_test(asc_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
