/* The ABI versions that exports claim. */
#include "unit.h"

#include "module/abi.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
