/* How hosts are named, and their tables as a whole. */
#include "unit.h"

#include "judging.h"
#include "tests/unit/wasm.h"
#include "module/host/table.h"
#include "wasm_builder.h"

#define WASI "wasi_snapshot_preview1"
#define ABI "f:proxy_abi_version_0_2_1/: "
#define REST " f:malloc/i:i m:memory/1"
#define CONTEXT " f:proxy_on_context_create/ii:"
#define CODEC                                                                                      \
    "f:proxy_abi_mosn_version_0_2_0/: f:proxy_decode_buffer_bytes/iii:i "                          \
    "f:proxy_encode_buffer_bytes/iii:i f:proxy_keepalive_buffer_bytes/iI:i "                       \
    "f:proxy_reply_keepalive_buffer_bytes/iii:i "
#define OLD "f:proxy_abi_version_0_1_0/: "

/* --- Names --- */

static void hosts_have_names_and_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *version;
    } cases[] = {
        {"envoy", "envoy", "1.40"},
        {"envoy:1.36", "envoy", "1.36"},
        {"envoy:v1.36.4", "envoy", "1.36"},
        {"envoy:1.32.12", "envoy", "1.32.9"},
        {"envoy:1.32.13", "envoy", "1.32.13"},
        {"envoy:1.32.14", "envoy", "1.32.13"},
        {"envoy:1.32", "envoy", "1.32"},
        {"istio", "istio", "1.32"},
        {"higress:2.1.4", "higress", "2.1"},
        {"apisix:3.11.0", "apisix", "3"},
        {"kong:3.9.3", "kong", "3.9"},
        {"google-service-extensions", "google-service-extensions", "current"},
        {"google-service-extensions:current", "google-service-extensions", "current"},
    };
    AUTO(err_release) struct err err = ERR_INIT;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct host_choice choice;
        assert_ok(host_parse(cases[i].text, &choice, &err), &err);
        assert_string_equal(host_name(&choice), cases[i].host);
        assert_string_equal(host_version_name(&choice), cases[i].version);
    }
}

static void wrong_names_list_the_right_ones(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    struct host_choice choice;
    assert_int_equal(host_parse("envoi", &choice, &err), ERR_USAGE);
    assert_contains(err_text(&err), "apisix");
    static const char *const wrong[] = {"envoy:1.30",
                                        "envoy:",
                                        "envoy:1.36.",
                                        "envoy:x",
                                        "envoy:1.36.4.1",
                                        "apisix:4",
                                        "google-service-extensions:1"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(host_parse(wrong[i], &choice, &err), ERR_USAGE);
    assert_int_equal(host_parse("envoy:x", &choice, &err), ERR_USAGE);
    assert_contains(err_text(&err), "1.32.13");
}

/* A version outside the table, and the words of the error about it. */
static void distant_versions_name_the_nearest_one(void **state)
{
    (void)state;
    static const struct {
        const char *name, *version, *nearest, *words;
    } cases[] = {
        {"istio", "1.20", "1.24", "only 1.24 to 1.32: use 1.24, the oldest, and"},
        {"istio", "v1.23.9", "1.24", "use 1.24, the oldest"},
        {"istio", "0.99", "1.24", "use 1.24, the oldest"},
        {"istio", "1.33", "1.32", "use 1.32, the newest"},
        {"istio", "2", "1.32", "use 1.32, the newest"},
        {"mosn", "1.2", "1.6", "only 1.6: use 1.6, and try the result in MOSN 1.2"},
        {"higress", "1", "2.1", "use 2.1, the oldest"},
        {"higress", "2", "2.2", "use one of 2.1, 2.2"}, /* no older than these */
        {"istio", "word", "1.32", "use one of 1.24, 1.25"},
        {"google-service-extensions", "7", "current", "use one of current"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO_FREE char *text = mem_printf("%s:%s", cases[i].name, cases[i].version);
        struct host_choice choice;
        assert_int_equal(host_parse(text, &choice, &err), ERR_USAGE);
        assert_contains(err_text(&err), cases[i].words);
        assert_true(host_parse_nearest(cases[i].name, cases[i].version, &choice));
        assert_string_equal(host_version_name(&choice), cases[i].nearest);
    }
    struct host_choice choice;
    assert_false(host_parse_nearest("gloo", "1.9", &choice));
}

/* --- Tables --- */

static bool is_signature(const char *text)
{
    size_t params = strspn(text, "iIfF");
    return text[params] == ':' && params + 1 + strspn(text + params + 1, "iIfF") == strlen(text) &&
           strlen(text) - params <= 2;
}

/* Each row is one that the judge can use, and no name stands twice for one ABI. */
static void check_table(const struct host_choice *choice)
{
    struct host_row row, other;
    for (size_t i = 0; host_function_at(choice, i, &row); i++) {
        assert_true(is_signature(row.signature));
        for (size_t j = 0; j < i && host_function_at(choice, j, &other); j++) {
            if (strcmp(row.module, other.module) == 0 && strcmp(row.name, other.name) == 0 &&
                strcmp(row.signature, other.signature) == 0 &&
                (!*row.abis || strcmp(row.abis, other.abis) == 0))
                fail_msg("%s: %s.%s stands twice", host_name(choice), row.module, row.name);
        }
    }
    for (size_t i = 0; host_callback_at(choice, i, &row); i++)
        assert_true(is_signature(row.signature));
}

static void tables_are_whole(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    for (size_t i = 0; host_listed(i); i++) {
        struct host_choice choice;
        assert_ok(host_parse(host_listed(i), &choice, &err), &err);
        check_table(&choice);
        assert_non_null(host_title(&choice));
        assert_non_null(host_engine(&choice));
        assert_non_null(host_fact_at(&choice, 0));
        assert_non_null(host_source_at(&choice, 0));
        assert_non_null(host_version_at(&choice, 0));
        assert_int_equal(host_features(&choice) & FEATURES_2_0, FEATURES_2_0);
        assert_int_equal(host_features(&choice) & host_unsure_features(&choice), 0);
    }
}

static size_t count_functions(const char *host)
{
    struct host_choice choice;
    struct host_row row;
    size_t count = 0;
    assert_int_equal(host_parse(host, &choice, ERR_IGNORED), 0);
    while (host_function_at(&choice, count, &row))
        count++;
    return count;
}

static void versions_change_the_count(void **state)
{
    (void)state;
    assert_int_equal(count_functions("envoy:1.31"), 45 + 15 * 2);
    assert_int_equal(count_functions("envoy:1.33"), 45 + 18 * 2);
    assert_int_equal(count_functions("envoy:1.39"), 45 + 45 * 2);
    assert_int_equal(count_functions("higress:2.1"), 50 + 45 * 2);
    assert_int_equal(count_functions("apisix"), 41 + 46 + 45);
}

static void kinds_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *items, *kind;
    } cases[] = {
        {ABI REST, "proxy-wasm filter, ABI v0.2.1"},
        {OLD REST, "proxy-wasm filter, ABI v0.1.0"},
        {"f:proxy_abi_version_0_2_100/:" REST, "proxy-wasm filter, ABI v0.2.100"},
        {CODEC REST, "MOSN codec plugin"},
        {REST CONTEXT, "proxy-wasm filter without an ABI version"},
        {"f:_start/: m:memory/1", "WASI command"},
        {"f:_initialize/: m:memory/1", "WASI reactor"},
        {"f:a/:", "module"},
    };
    AUTO(err_release) struct err err = ERR_INIT;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(module_release) struct module module = {0};
        size_t len = 0;
        AUTO_FREE uint8_t *bytes = build_wasm(cases[i].items, &len);
        assert_ok(wasm_read(bytes, len, "it", &module, &err), &err);
        AUTO_FREE char *kind = host_module_kind(&module);
        assert_string_equal(kind, cases[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_have_names_and_versions),
        cmocka_unit_test(wrong_names_list_the_right_ones),
        cmocka_unit_test(distant_versions_name_the_nearest_one),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test(versions_change_the_count),
        cmocka_unit_test(kinds_are_told),
    };
    return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
