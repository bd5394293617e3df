/* How much of this machine a container of the tools sees. */
#include "unit.h"

#include <unistd.h>

#include "files.h"
#include "toolchain/container.h"
#include "toolchain/container_scope.h"

/* The root for a folder below the made one, as a path below that. */
static void expect_root(const struct made_folder *made, const char *source, const char *home,
                        const char *wanted)
{
    AUTO_FREE char *from = mem_printf("%s/%s", made->path, source);
    AUTO_FREE char *user = mem_printf("%s/%s", made->path, home);
    AUTO_FREE char *expected = mem_printf("%s%s", made->path, wanted);
    AUTO_FREE char *root = container_scope_root(from, user);
    assert_string_equal(root, expected);
}

static void roots(void **state)
{
    (void)state;
    AUTO(made_folder_remove) struct made_folder made = MADE_FOLDER;
    assert_int_equal(
        made_folder_fill(&made,
                         "mkdir -p plain go/mod/a/b rust/ws/one npm/p/q me/work/x/.git me/.git "
                         "me/.cargo git/.git git/rust/y tree/z\n"
                         "touch go/go.work go/mod/go.mod me/.git/HEAD git/.git/HEAD\n"
                         "touch me/.cargo/config.toml me/work/x/.git/HEAD\n"
                         "echo gitdir: /elsewhere >tree/.git\n"
                         "echo '[workspace]' >rust/Cargo.toml\n"
                         "echo '[package]' >rust/ws/Cargo.toml\n"
                         "echo '[package]' >rust/ws/one/Cargo.toml\n"
                         "echo '{\"workspaces\": [\"p\"]}' >npm/package.json\n"
                         "echo '{}' >npm/p/package.json\n"),
        0);
    expect_root(&made, "plain", "me", "/plain");
    expect_root(&made, "go/mod/a/b", "me", "/go");
    expect_root(&made, "rust/ws/one", "me", "/rust");
    expect_root(&made, "npm/p/q", "me", "/npm");
    expect_root(&made, "git/rust/y", "me", "/git");
    expect_root(&made, "tree/z", "me", "/tree/z");
    /* A home that is a repository is not shown for the sake of a project in it. */
    expect_root(&made, "me/work", "me", "/me/work");
    expect_root(&made, "me/work/x", "me", "/me/work/x");
    expect_root(&made, "me/work", "plain", "/me");
    expect_root(&made, "git/rust", "git/rust", "/git/rust");
}

static void expect_mount(const char *path, const char *wanted)
{
    AUTO_FREE char *mount = container_scope_mount(path);
    assert_string_equal(mount, wanted);
}

static void mounts(void **state)
{
    (void)state;
    expect_mount("/a b:c", "type=bind,source=/a b:c,target=/a b:c");
    expect_mount("/a,readonly", "type=bind,\"source=/a,readonly\",\"target=/a,readonly\"");
    expect_mount("/a\"b", "type=bind,\"source=/a\"\"b\",\"target=/a\"\"b\"");
    expect_mount("/a\nb", "type=bind,\"source=/a\nb\",\"target=/a\nb\"");
}

static void variables(void **state)
{
    (void)state;
    static const char *const passed[] = {
        "http_proxy=x",   "HTTPS_PROXY=x",        "No_Proxy=",  "GOPROXY=off",
        "GOFLAGS=-x",     "CARGO_NET_OFFLINE=1",  "RUSTFLAGS=", "CARGO_TARGET_DIR=/t",
        "GOTOOLCHAIN=go", "npm_config_registry=", "NO_COLOR=1", "SOURCE_DATE_EPOCH=1"};
    static const char *const kept[] = {"HOME=/h",
                                       "PATH=/bin",
                                       "GOROOT=/g",
                                       "GOPATH=/g",
                                       "GOCACHE=/g",
                                       "CARGO_HOME=/",
                                       "TMPDIR=/tmp",
                                       "LD_PRELOAD=x.so",
                                       "GOPROXYX=",
                                       "GOPROX=",
                                       "=",
                                       "",
                                       "CARGO_ x=1",
                                       "http_proxy",
                                       "SECRET=1",
                                       "GOMODCACHE=/",
                                       "CARGO_MANIFEST_DIR=/"};
    for (size_t i = 0; i < COUNT(passed); i++)
        if (!container_scope_passes(passed[i]))
            fail_msg("%s is not passed", passed[i]);
    for (size_t i = 0; i < COUNT(kept); i++)
        if (container_scope_passes(kept[i]))
            fail_msg("%s is passed", kept[i]);
    const char *const list[] = {"A=1", "AB=2", "B", NULL};
    assert_string_equal(container_scope_value(list, "AB"), "2");
    assert_null(container_scope_value(list, "B"));
    assert_null(container_scope_value(NULL, "B"));
}

static void names_of_images(void **state)
{
    (void)state;
    static const char *const refused[] = {"",     "-",      "--privileged", "a b",
                                          "a\tb", "a\033b", "\xc3\xa4"};
    for (size_t i = 0; i < COUNT(refused); i++) {
        const struct container_wish wish = {.image = refused[i], .source = "/tmp"};
        struct container *container = NULL;
        assert_int_equal(container_open(&wish, &container, ERR_IGNORED), ERR_USAGE);
        assert_null(container);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots),
        cmocka_unit_test(mounts),
        cmocka_unit_test(variables),
        cmocka_unit_test(names_of_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
