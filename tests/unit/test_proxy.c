/* The requirements of proxies for modules. */
#include "unit.h"

#include "module/proxy.h"

#define WASI "wasi_snapshot_preview1"
#define BOTH 2 /* proxies */

/* "module.name" or "kind:module.name"; the module ends at the first dot. */
static struct module_import make_import(const char *text)
{
    static const struct {
        const char *prefix;
        enum extern_kind kind;
    } kinds[] = {{"global:", EXTERN_GLOBAL}, {"memory:", EXTERN_MEMORY}, {"tag:", EXTERN_TAG}};
    struct module_import import = {.kind = EXTERN_FUNC};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        size_t len = strlen(kinds[i].prefix);
        if (strncmp(text, kinds[i].prefix, len) == 0) {
            import.kind = kinds[i].kind;
            text += len;
        }
    }
    const char *dot = strchr(text, '.');
    assert_non_null(dot);
    import.module = mem_dup_n(text, (size_t)(dot - text));
    import.name = mem_dup(dot + 1);
    return import;
}

/* A module with these; both lists end with NULL. */
static void judge(enum proxy proxy, const char *const *imports, const char *const *exports,
                  struct proxy_verdict *out)
{
    AUTO(module_release) struct module module = {0};
    enum { EACH_MAX = 100 };
    module.imports = mem_zero(EACH_MAX, sizeof(*module.imports));
    module.exports = mem_zero(EACH_MAX, sizeof(*module.exports));
    for (; imports[module.import_count]; module.import_count++) {
        assert_true(module.import_count < EACH_MAX);
        module.imports[module.import_count] = make_import(imports[module.import_count]);
    }
    for (; exports[module.export_count]; module.export_count++)
        module.exports[module.export_count] =
            (struct module_export){mem_dup(exports[module.export_count]), EXTERN_FUNC};
    proxy_judge(proxy, &module, out);
    assert_true(out->loads == (out->because == NULL) && out->loads == (out->next == NULL));
}

static void versions_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *exports[4];
        const char *abi[BOTH];
    } cases[] = {
        {{"malloc", "proxy_abi_version_0_1_0"}, {"v0.1.0", "v0.1.0"}},
        {{"malloc", "proxy_abi_version_0_2_0"}, {"v0.2.0", "v0.2.0"}},
        {{"proxy_abi_version_0_2_1", "proxy_on_memory_allocate"}, {"v0.2.1", "v0.2.1"}},
        {{"malloc", "proxy_abi_version_0_2_100"}, {NULL, "v0.2.100"}},
        {{"malloc", "proxy_abi_version_0_2_100", "proxy_abi_version_0_2_0"},
         {"v0.2.0", "v0.2.100"}},
        {{"malloc", "proxy_abi_version_0_3_0"}, {NULL, NULL}},
        {{"malloc", "proxy_abi_version_0_2_1_"}, {NULL, NULL}},
        {{"malloc"}, {NULL, NULL}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int proxy = 0; proxy < BOTH; proxy++) {
            AUTO(proxy_verdict_release) struct proxy_verdict verdict = {0};
            const char *wanted = cases[i].abi[proxy];
            judge((enum proxy)proxy, (const char *[]){NULL}, cases[i].exports, &verdict);
            assert_int_equal(verdict.loads, wanted != NULL);
            if (wanted)
                assert_string_equal(verdict.abi, wanted);
            else
                assert_null(verdict.abi);
        }
    }
}

static void unknown_versions_are_named(void **state)
{
    (void)state;
    AUTO(proxy_verdict_release) struct proxy_verdict none = {0};
    AUTO(proxy_verdict_release) struct proxy_verdict higress = {0};
    judge(PROXY_ENVOY, (const char *[]){NULL}, (const char *[]){"malloc", NULL}, &none);
    assert_contains(none.because, "Missing or unknown Proxy-Wasm ABI version");
    judge(PROXY_ENVOY, (const char *[]){NULL}, (const char *[]){"proxy_abi_version_0_2_100", NULL},
          &higress);
    assert_string_equal(higress.because,
                        "the module speaks ABI v0.2.100, and the proxy knows v0.1.0, v0.2.0 and "
                        "v0.2.1");
    assert_contains(higress.next, "Higress's own");
}

static void a_global_is_no_marker(void **state)
{
    (void)state;
    AUTO(proxy_verdict_release) struct proxy_verdict verdict = {0};
    static char malloc_name[] = "malloc", abi_name[] = "proxy_abi_version_0_2_1";
    struct module_export exports[] = {{malloc_name, EXTERN_FUNC}, {abi_name, EXTERN_GLOBAL}};
    const struct module module = {.exports = exports, .export_count = 2};
    proxy_judge(PROXY_ENVOY, &module, &verdict);
    assert_false(verdict.loads);
    exports[1].kind = EXTERN_FUNC;
    exports[0].kind = EXTERN_MEMORY;
    proxy_verdict_release(&verdict);
    proxy_judge(PROXY_ENVOY, &module, &verdict);
    assert_contains(verdict.because, "missing malloc");
}

static void imports_are_looked_up(void **state)
{
    (void)state;
    static const struct {
        const char *abi;
        const char *imports[3];
        bool loads[BOTH];
        const char *next; /* of the first proxy that refuses */
    } cases[] = {
        {"0_2_1",
         {"env.proxy_log", WASI ".fd_write", "wasi_unstable.proc_exit"},
         {true, true},
         NULL},
        {"0_2_1", {"env.emscripten_notify_memory_growth", "memory:env.memory"}, {true, true}, NULL},
        {"0_2_1", {"env.proxy_get_log_level"}, {true, true}, NULL},
        {"0_2_0", {"env.proxy_get_log_level"}, {false, false}, "a module of v0.2.0 does not get"},
        {"0_2_1", {"env.proxy_continue_request"}, {false, false}, "the SDK of one ABI version"},
        {"0_1_0", {"env.proxy_continue_request", "env.proxy_redis_call"}, {false, true}, "Higress"},
        {"0_1_0", {"env.proxy_close_stream"}, {false, false}, "a module of v0.1.0 does not get"},
        {"0_2_1", {"env.proxy_log2"}, {false, false}, "link that function into the module"},
        {"0_2_1", {WASI ".proxy_log"}, {false, false}, "leave out what needs it"},
        {"0_2_1", {"proxy.fd_write"}, {false, false}, "link that function into the module"},
        {"0_2_1", {WASI ".sock_open"}, {false, false}, "files, sockets, threads"},
        {"0_2_1", {"wasi.thread-spawn"}, {false, false}, "preview 1"},
        {"0_2_1", {"gojs.runtime.wasmExit"}, {false, false}, "not for a browser"},
        {"0_2_1", {"global:env.proxy_log"}, {false, false}, "no globals"},
        {"0_2_1", {"tag:env.__cpp_exception"}, {false, false}, "no tags"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *imports[4] = {cases[i].imports[0], cases[i].imports[1], cases[i].imports[2]};
        AUTO_FREE char *abi = mem_printf("proxy_abi_version_%s", cases[i].abi);
        for (int proxy = 0; proxy < BOTH; proxy++) {
            AUTO(proxy_verdict_release) struct proxy_verdict verdict = {0};
            judge((enum proxy)proxy, imports, (const char *[]){"malloc", abi, NULL}, &verdict);
            if (verdict.loads != cases[i].loads[proxy])
                fail_msg("case %zu, proxy %d: %s", i, proxy,
                         verdict.because ? verdict.because : "loads");
            if (verdict.loads)
                continue;
            assert_contains(verdict.because, "missing import: ");
            assert_contains(verdict.next, cases[i].next);
        }
    }
}

static void missing_imports_are_listed(void **state)
{
    (void)state;
    static const char *const exports[] = {"proxy_abi_version_0_2_1", "malloc", NULL};
    AUTO(proxy_verdict_release) struct proxy_verdict some = {0};
    AUTO(proxy_verdict_release) struct proxy_verdict many = {0};
    judge(PROXY_ENVOY, (const char *[]){"a.b", "env.proxy_log", "global:env.c", NULL}, exports,
          &some);
    assert_string_equal(some.because, "missing import: a.b, env.c (a global)");
    judge(PROXY_ENVOY,
          (const char *[]){"a.1", "a.2", "a.3", "a.4", "a.5", "env.proxy_log", "a.6", "a.7", NULL},
          exports, &many);
    assert_string_equal(many.because, "missing import: a.1, a.2, a.3, a.4, a.5 and 2 more");
}

/* One note names the newest feature that only newer proxies have. */
static void young_imports_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *imports[4];
        const char *note; /* NULL: there is none */
    } cases[] = {
        {{WASI ".fd_write", WASI ".path_open"}, NULL},
        {{WASI ".fd_write", WASI ".poll_oneoff"}, WASI ".poll_oneoff needs a proxy"},
        {{WASI ".poll_oneoff", WASI ".fd_pread", WASI ".sched_yield"}, "April 2026"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int proxy = 0; proxy < BOTH; proxy++) {
            AUTO(proxy_verdict_release) struct proxy_verdict verdict = {0};
            judge((enum proxy)proxy, cases[i].imports,
                  (const char *[]){"proxy_abi_version_0_2_1", "malloc", NULL}, &verdict);
            assert_true(verdict.loads);
            if (!cases[i].note || proxy == PROXY_HIGRESS)
                assert_null(verdict.note);
            else
                assert_contains(verdict.note, cases[i].note);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_known),         cmocka_unit_test(unknown_versions_are_named),
        cmocka_unit_test(a_global_is_no_marker),      cmocka_unit_test(imports_are_looked_up),
        cmocka_unit_test(missing_imports_are_listed), cmocka_unit_test(young_imports_are_told),
    };
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
