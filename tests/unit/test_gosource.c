/* Go sources: modules, main, build constraints, and folders. */
#include "unit.h"

#include <fcntl.h>

#include "base/dir.h"
#include "base/file.h"
#include "toolchain/gobuild.h"
#include "toolchain/gochoice.h"
#include "toolchain/gosource.h"

static const struct gobuild tinygo = {.compiler = "tinygo", .tags = "mine,other"};

static void go_mod(void **state)
{
    (void)state;
    static const char module[] = "github.com/wasilibs/nottinygc";
    assert_true(
        gosource_requires("module m\nrequire github.com/wasilibs/nottinygc v0.7.1\n", module));
    assert_true(gosource_requires(
        "require (\n\tx.org/a v1\n\tgithub.com/wasilibs/nottinygc v0.7.1 // indirect\n)", module));
    assert_true(
        gosource_requires("require(\r\n github.com/wasilibs/nottinygc v0\r\n)\r\n", module));
    assert_false(gosource_requires("module github.com/wasilibs/nottinygc\n", module));
    assert_false(gosource_requires("// require github.com/wasilibs/nottinygc v1\n", module));
    assert_false(gosource_requires("require github.com/wasilibs/nottinygc2 v1\n", module));
    assert_false(gosource_requires(
        "exclude (\n github.com/wasilibs/nottinygc v0.1\n)\nrequire x.org/a v1\n", module));
    assert_false(gosource_requires("require (\n)\ngithub.com/wasilibs/nottinygc v1\n", module));
    assert_false(gosource_requires("", module));
}

/* The reason and the choice for a go.mod that requires a module, and for sources. */
static void assert_choice(struct gochoice facts, bool wanted, const char *reason)
{
    static const struct gosource plain = {.files = 1, .main = GO_MAIN_EMPTY};
    AUTO_FREE char *why = NULL;
    facts.go = facts.go ? facts.go : &plain;
    facts.tinygo = facts.tinygo ? facts.tinygo : facts.go;
    assert_int_equal(gochoice_is_tinygo(&facts, &why), wanted);
    assert_contains(why, reason);
}

static void go_or_tinygo(void **state)
{
    (void)state;
    static const char tetratelabs[] = "require github.com/tetratelabs/proxy-wasm-go-sdk v0.24.0\n";
    static const char proxy_wasm[] = "require github.com/proxy-wasm/proxy-wasm-go-sdk v0.1.0\n";
    static const char higress[] = "require (\n\tgithub.com/higress-group/wasm-go v1.1.1\n)\n";
    const struct gosource none = {.files = 0}, code = {.files = 1, .main = GO_MAIN_CODE};
    const struct gosource empty = {.files = 1, .main = GO_MAIN_EMPTY};
    const struct gosource wasmexport = {.main = GO_MAIN_CODE, .wasmexport = true};
    const struct gosource export = {.main = GO_MAIN_EMPTY, .export = true};
    const struct gochoice both = {.go_builds = true, .has_tinygo = true};
    struct gochoice facts = both;
    facts.mod = tetratelabs;
    assert_choice(facts, true, "go.mod requires github.com/tetratelabs/proxy-wasm-go-sdk");
    facts.has_tinygo = false;
    assert_choice(facts, true, "which is for TinyGo");
    facts.mod = "// of the SDK\nmodule github.com/tetratelabs/proxy-wasm-go-sdk\n";
    assert_choice(facts, true, "go.mod is that of github.com/tetratelabs/proxy-wasm-go-sdk, which");
    facts = (struct gochoice){.mod = proxy_wasm, .go_builds = true, .has_tinygo = true};
    assert_choice(facts, false, "go.mod requires github.com/proxy-wasm/proxy-wasm-go-sdk");
    facts.go_builds = false;
    assert_choice(facts, true, "there is no Go 1.24 or later, but TinyGo");
    facts.has_tinygo = false;
    assert_choice(facts, false, "go.mod requires");
    facts = (struct gochoice){.mod = higress, .go_builds = true, .has_tinygo = true, .go = &code};
    assert_choice(facts, false, "github.com/higress-group/wasm-go");
    facts = both;
    facts.go = &wasmexport;
    assert_choice(facts, false, "//go:wasmexport");
    facts.go = &export;
    assert_choice(facts, true, "//export");
    facts.go = &code;
    assert_choice(facts, true, "never call it");
    facts.go = &empty;
    assert_choice(facts, false, "Go files");
    facts.mod = proxy_wasm;
    facts.go = &none;
    facts.tinygo = &code;
    assert_choice(facts, true, "leave func main to TinyGo alone");
    facts.mod = tetratelabs;
    facts.go = &code;
    facts.tinygo = &none;
    assert_choice(facts, false, "leave func main to Go's own compiler alone");
}

static void go_main(void **state)
{
    (void)state;
    assert_int_equal(gosource_main_in("package main\n\nfunc main() {}\n"), GO_MAIN_EMPTY);
    assert_int_equal(gosource_main_in("func  main ( )\t{ // c-shared\n /* } x */ }"),
                     GO_MAIN_EMPTY);
    assert_int_equal(gosource_main_in("func main() {\n\tproxywasm.SetVMContext(&vm{})\n}"),
                     GO_MAIN_CODE);
    assert_int_equal(gosource_main_in("func main() { \"\" }"), GO_MAIN_CODE);
    assert_int_equal(gosource_main_in("// func main() { x() }\nvar s = `func main() {}`\n"),
                     GO_MAIN_NONE);
    assert_int_equal(gosource_main_in("func (t T) main() { x() }\nfunc main2() {}"), GO_MAIN_NONE);
    assert_int_equal(gosource_main_in("var q = '\"'\nvar e = \"\\\"\"\nfunc main() {}"),
                     GO_MAIN_EMPTY);
    assert_int_equal(gosource_main_in("/* open"), GO_MAIN_NONE);
    assert_int_equal(gosource_main_in("\"open\\"), GO_MAIN_NONE);
    assert_int_equal(gosource_main_in(""), GO_MAIN_NONE);
}

static void names(void **state)
{
    (void)state;
    static const char *const taken[] = {"main.go",  "a_wasip1.go", "a_wasm.go", "a_wasip1_wasm.go",
                                        "linux.go", "a_mine.go",   "amd64.go",  "a_linux_x.go"};
    static const char *const passed[] = {"main_test.go", "a_linux.go",      "a_amd64.go",
                                         "_a.go",        ".a.go",           "main.rs",
                                         ".go",          "a_linux_wasm.go", "a_wasip1_arm64.go"};
    for (size_t i = 0; i < COUNT(taken); i++)
        if (!gobuild_takes(&tinygo, taken[i], ""))
            fail_msg("%s is not taken", taken[i]);
    for (size_t i = 0; i < COUNT(passed); i++)
        if (gobuild_takes(&tinygo, passed[i], ""))
            fail_msg("%s is taken", passed[i]);
}

static void constraints(void **state)
{
    (void)state;
    static const char *const met[] = {
        "//go:build tinygo\npackage main",
        "// (c)\n/* more\n */\n\n//go:build wasip1 && (mine || linux)\r\npackage main",
        "//go:build !linux && go1.24\n",
        "//go:build !(gc || ignore)\n",
        "//go:build tinygo // and why\n",
        "package main\n//go:build ignore\n",
        "// +build linux tinygo\n",
        "// +build tinygo,!linux\n",
        "//go:build (\n",
        "//go:build\n",
        "/* open",
        "//go:build tinygo\n// +build ignore\n",
        "",
    };
    static const char *const unmet[] = {
        "//go:build ignore\npackage main",
        "\n// words\n//go:build !tinygo\n",
        "//go:build tinygo && linux\n",
        "//go:build gc || linux\n",
        "// +build ignore\n",
        "// +build tinygo\n// +build linux\n",
        "//+build !tinygo\n",
    };
    for (size_t i = 0; i < COUNT(met); i++)
        if (!gobuild_takes(&tinygo, "main.go", met[i]))
            fail_msg("\"%s\" is met", met[i]);
    for (size_t i = 0; i < COUNT(unmet); i++)
        if (gobuild_takes(&tinygo, "main.go", unmet[i]))
            fail_msg("\"%s\" is not met", unmet[i]);
    AUTO(buf_release) struct buf deep = BUF_INIT(100000);
    buf_add_text(&deep, "//go:build ");
    for (int i = 0; i < 20000; i++)
        buf_add_text(&deep, i % 2 ? "!" : "(");
    assert_true(gobuild_takes(&tinygo, "main.go", buf_text(&deep)));
}

static char root[] = "/tmp/wasme-gosource-XXXXXX";

static void write_file(const char *folder, const char *name, const char *text)
{
    AUTO_FREE char *dir = mem_printf("%s/%s", root, folder);
    AUTO_FREE char *path = mem_printf("%s/%s", dir, name);
    assert_int_equal(dir_make_all(dir, ERR_IGNORED), 0);
    assert_int_equal(file_create(AT_FDCWD, path, text, strlen(text), ERR_IGNORED), 0);
}

static int open_folder(const char *folder, struct gosource *out, struct err *err)
{
    AUTO_FREE char *dir = mem_printf("%s/%s", root, folder);
    assert_int_equal(dir_make_all(dir, ERR_IGNORED), 0);
    return gosource_open(dir, &tinygo, out, err);
}

static void folders(void **state)
{
    (void)state;
    AUTO(gosource_release) struct gosource source = {0};
    AUTO(err_release) struct err err = ERR_INIT;
    assert_non_null(mkdtemp(root));
    assert_int_equal(open_folder("none", &source, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "no go.mod there or in a folder above");
    write_file("sdk", "go.mod", "module m\n");
    write_file("sdk/x/one", "main.go", "package main\nfunc main() { run() }");
    write_file("sdk/x/one", "tool.go", "//go:build ignore\n\npackage main\nfunc main() { x() }");
    write_file("sdk/two", "main.go", "//go:wasmexport f\nfunc f() {}\nfunc main() {}");
    write_file("sdk/two", "gen.go", "//go:build ignore\n\npackage main\nfunc main() { x() }");
    write_file("sdk/vendor/three", "main.go", "func main() {}");
    assert_int_equal(open_folder("sdk", &source, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "no Go file there");
    assert_contains(err_text(&err), "func main is in two, x/one: name one");
    assert_ok(open_folder("sdk/x/one", &source, &err), &err);
    assert_string_equal(source.mod, "module m\n");
    assert_int_equal(source.files, 1);
    assert_int_equal(source.main, GO_MAIN_CODE);
    assert_false(source.wasmexport);
    gosource_release(&source);
    assert_ok(open_folder("sdk/two", &source, &err), &err);
    assert_int_equal(source.main, GO_MAIN_EMPTY);
    assert_true(source.wasmexport);
    gosource_release(&source);
    assert_int_equal(open_folder("sdk/none", &source, &err), ERR_NOT_FOUND);
    assert_contains(err_text(&err), "nor a func main in a folder below");
    assert_int_equal(dir_remove_all(AT_FDCWD, root, ERR_IGNORED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(go_mod), cmocka_unit_test(go_main),     cmocka_unit_test(go_or_tinygo),
        cmocka_unit_test(names),  cmocka_unit_test(constraints), cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
