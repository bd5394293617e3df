/* The ABI versions that exports claim. */
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "module/abi.h"
#include "wasm.h"

static char func_name[] = "proxy_abi_version_0_2_1";

static void expect(const char *const *names, enum extern_kind kind, const char *wanted)
{
    struct module_export exports[ABI_MAX_VERSIONS + 10];
    struct module module = {.exports = exports};
    for (; names[module.export_count]; module.export_count++)
        exports[module.export_count] =
            (struct module_export){.name = mem_dup(names[module.export_count]), .kind = kind};
    char **versions = NULL;
    size_t count = 99;
    abi_versions(&module, &versions, &count);
    char text[256] = "";
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "", versions[i]);
    }
    assert_string_equal(text, wanted);
    abi_versions_free(versions, count);
    for (size_t i = 0; i < module.export_count; i++)
        free(exports[i].name);
}

static void versions(void **state)
{
    (void)state;
    expect((const char *[]){"memory", func_name, NULL}, EXTERN_FUNC, "v0.2.1");
    expect((const char *[]){"proxy_abi_version_0_2_100", "x", "proxy_abi_version_0_1_0", NULL},
           EXTERN_FUNC, "v0.2.100 v0.1.0");
    expect((const char *[]){func_name, func_name, NULL}, EXTERN_FUNC, "v0.2.1");
    expect((const char *[]){NULL}, EXTERN_FUNC, "");
}

static void what_is_none(void **state)
{
    (void)state;
    expect((const char *[]){func_name, NULL}, EXTERN_GLOBAL, "");
    expect((const char *[]){"proxy_abi_version_", "proxy_abi_version_0_2", "proxy_abi_version_0_2_",
                            "proxy_abi_version_0_2_1_", "proxy_abi_version_0_2_x",
                            "proxy_abi_version_0__1", "proxy_abi_version_0_2_1\xef\xbf\xbd",
                            "xproxy_abi_version_0_2_1", "proxy_abi_version_0_2_1111111111", NULL},
           EXTERN_FUNC, "");
}

static void bounded(void **state)
{
    (void)state;
    struct module_export exports[ABI_MAX_VERSIONS + 10];
    struct module module = {.exports = exports, .export_count = COUNT(exports)};
    for (size_t i = 0; i < COUNT(exports); i++)
        exports[i] = (struct module_export){.name = mem_printf("proxy_abi_version_0_2_%zu", i)};
    char **found = NULL;
    size_t count = 0;
    abi_versions(&module, &found, &count);
    assert_int_equal(count, ABI_MAX_VERSIONS);
    abi_versions_free(found, count);
    for (size_t i = 0; i < COUNT(exports); i++)
        free(exports[i].name);
}

/* abi_peek() of a file with these bytes. */
static bool peek(const void *data, size_t len, char out[ABI_PEEK_MAX])
{
    int fd = memfd_create("peek", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    bool found = abi_peek(fd, out);
    close(fd);
    return found;
}

static void peeked(void **state)
{
    (void)state;
    char text[ABI_PEEK_MAX];
    struct buf module = BUF_INIT(WASM_MAX);
    wasm_begin(&module);
    assert_true(peek(module.data, module.len, text));
    assert_string_equal(text, "");
    static const char padding[100000];
    wasm_custom(&module, "large", padding, sizeof(padding));
    WASM_SECTION(&module, 7,
                 "\3\6memory\2\0"
                 "\27proxy_abi_version_0_2_1\0\0"
                 "\27proxy_abi_version_0_1_0\0\0");
    assert_true(peek(module.data, module.len, text));
    assert_string_equal(text, "v0.2.1, v0.1.0");
    /* The file ends within the exports. */
    assert_false(peek(module.data, module.len - 3, text));
    assert_false(peek("MZ", 2, text));
    assert_false(peek("", 0, text));
    buf_release(&module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(bounded),
        cmocka_unit_test(peeked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
