/* Deployments: names, URLs, words, and what each target takes. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "deploy/envoy.h"
#include "deploy/kubernetes.h"
#include "deploy/target.h"

static const struct deploy_target *find(const char *name, const char *kind)
{
    const struct deploy_target *target = NULL;
    assert_int_equal(target_find(name, kind, &target, ERR_IGNORED), 0);
    return target;
}

/* --- Names --- */

static int check_name(const struct deploy_target *target, const char *name, const char *space)
{
    const struct deployment wanted = {.name = name, .space = space};
    return target_check_names(target, &wanted, ERR_IGNORED);
}

static void checks_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "-a", "a-",  "a..b", "A",
                                      "a_b", ".a", "a b", "a\n",  "a/b"};
    const struct deploy_target *istio = find("istio", NULL), *kong = find("kong", NULL);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(check_name(istio, bad[i], NULL), ERR_USAGE);
    assert_int_equal(check_name(istio, "a.b-1", "shop"), 0);
    assert_int_equal(check_name(istio, "a", "a.b"), ERR_USAGE);
    assert_int_equal(check_name(istio, "a", ""), ERR_USAGE);
    assert_int_equal(check_name(kong, "My_filter.v1", NULL), 0);
    assert_int_equal(check_name(kong, "../x", NULL), ERR_USAGE);
    assert_int_equal(check_name(kong, "a\nb", NULL), ERR_USAGE);
}

/* --- URLs --- */

static void reads_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        int port;
        bool tls;
    } good[] = {
        {"http://a", "a", 80, false},
        {"https://api.example/x?y", "api.example", 443, true},
        {"http://10.0.0.1:8080/filter.wasm", "10.0.0.1", 8080, false},
        {"http://[::1]:1/", "::1", 1, false},
        {"https://[2001:db8::1]", "2001:db8::1", 443, true},
        {"http://a/b@c", "a", 80, false},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct deploy_host host = {0};
        AUTO_FREE char *owned = NULL;
        assert_int_equal(envoy_host_of_url(good[i].url, &host, &owned, ERR_IGNORED), 0);
        assert_string_equal(host.host, good[i].host);
        assert_int_equal(host.port, good[i].port);
        assert_int_equal(host.tls, good[i].tls);
    }
}

static void refuses_what_is_no_url(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "a",
        "ftp://a",
        "http://",
        "http:///x",
        "http://a:",
        "http://:1",
        "http://a:0",
        "http://a:65536",
        "http://a:1x",
        "http://[::1",
        "http://[::1]x",
        "http://[a]",
        "http://a b",
        "http://a\n",
        "http://a/\xff",
        "http://a/{x}",
        "http://a:-1",
        "http://me@a",
        "http://a%41",
        "HTTP://a",
        "http://a/%",
        "http://a/%4",
        "http://a/?%zz",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct deploy_host host = {0};
        AUTO_FREE char *owned = NULL;
        assert_int_equal(envoy_host_of_url(bad[i], &host, &owned, &err), ERR_USAGE);
        assert_null(owned);
    }
}

static void hides_logins_of_urls(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://me:secret@a", "ftp://me:secret@a",
                                       "http://me:s/secret@a", "http://me:secret @a"};
    for (size_t i = 0; i < COUNT(urls); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct deploy_host host = {0};
        AUTO_FREE char *owned = NULL;
        assert_int_equal(envoy_host_of_url(urls[i], &host, &owned, &err), ERR_USAGE);
        assert_null(strstr(err_text(&err), "secret"));
    }
}

static void servers_have_no_path(void **state)
{
    (void)state;
    struct deploy_host host = {0};
    AUTO_FREE char *owned = NULL;
    assert_int_equal(envoy_server_of_url("http://a/b", &host, &owned, ERR_IGNORED), ERR_USAGE);
    assert_int_equal(envoy_server_of_url("http://a?b", &host, &owned, ERR_IGNORED), ERR_USAGE);
    assert_null(owned);
    assert_int_equal(envoy_server_of_url("http://a:3/", &host, &owned, ERR_IGNORED), 0);
    assert_int_equal(host.port, 3);
}

/* --- Words --- */

static void assert_words(const char *sentence, const struct deployment *wanted, const char *words)
{
    AUTO_FREE char *text = target_words(sentence, wanted);
    assert_string_equal(text, words);
}

static void fills_sentences(void **state)
{
    (void)state;
    struct deployment wanted = {.name = "stamp", .version = 125};
    assert_words("delete {name}{-n} {x} {", &wanted, "delete stamp {x} {");
    assert_words("{resource}", &wanted, "extenstions.istio.io/wasmplugin/NAMESPACE.stamp");
    wanted.space = "shop";
    assert_words("delete {name}{-n}", &wanted, "delete stamp -n shop");
    wanted.version = 126;
    assert_words("{resource}", &wanted, "extensions.istio.io/wasmplugin/shop.stamp");
    wanted.version = 130;
    assert_words("{resource}", &wanted, "extensions.istio.io/trafficextension/shop.stamp");
    wanted.code = (struct deploy_code){.place = DEPLOY_FILE, .address = "/srv/other.wasm"};
    assert_words("{file}", &wanted, "stamp");
    wanted.code.placed = true;
    assert_words("{file}", &wanted, "other");
    wanted.code.address = "/srv/.wasm";
    assert_words("{file}", &wanted, ".wasm");
}

/* --- What targets take --- */

static int check_config(const char *target, const char *kind, const char *config)
{
    AUTO(json_doc_free_at) struct json_t *json = NULL;
    struct deployment wanted = {.name = "stamp", .config = config, .version = 9999};
    const struct deploy_target *found = find(target, kind);
    wanted.part = found->parts ? found->parts[0] : NULL;
    if (json_doc_parse(config, strlen(config), &json, ERR_IGNORED) == 0)
        wanted.config_json = json;
    return target_check_choices(found, CHOICE(CONFIG), &wanted, ERR_IGNORED);
}

static void checks_the_shape_of_configurations(void **state)
{
    (void)state;
    static const struct {
        const char *target, *kind, *config;
        bool taken;
    } cases[] = {
        {"istio", NULL, "{\"a\":1}", true},
        {"istio", NULL, "", false},
        {"istio", NULL, "text", false},
        {"istio", NULL, "[1]", false},
        {"istio", NULL, "\xff", false},
        {"istio", NULL, "{\"a\":9007199254740991}", true},
        {"istio", NULL, "{\"a\":[[9007199254740992]]}", false},
        {"istio", "trafficextension", "{\"a\":{\"b\":-9007199254740992}}", false},
        {"istio", "envoyfilter", "text", true},
        {"istio", "envoyfilter", "{\"a\":9007199254740993}", true},
        {"higress", NULL, "\"text\"", false},
        {"envoy", NULL, "\xff", false},
        {"envoy", NULL, "", true},
        {"mosn", NULL, "{\"a\":\"b\"}", true},
        {"mosn", NULL, "{\"a\":1}", false},
        {"mosn", NULL, "[]", false},
        {"apisix", NULL, "text", true},
        {"kong", NULL, "text", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(check_config(cases[i].target, cases[i].kind, cases[i].config),
                         cases[i].taken ? 0 : ERR_USAGE);
}

static bool suits_lua(const char *text)
{
    AUTO(json_doc_free_at) struct json_t *json = NULL;
    assert_int_equal(json_doc_parse(text, strlen(text), &json, ERR_IGNORED), 0);
    return deploy_suits_lua(json);
}

static void tells_what_lua_keeps(void **state)
{
    (void)state;
    assert_true(suits_lua("{\"a\":[1,\"x\",true,{}],\"b\":-12345678901234,\"c\":1.5e300}"));
    assert_true(suits_lua("{\"a\":\"123456789012345\"}"));
    assert_false(suits_lua("{\"a\":[[123456789012345]]}"));
    assert_false(suits_lua("{\"a\":0.123456789012345}"));
    assert_false(suits_lua("{\"a\":{\"b\":[]}}"));
    assert_false(suits_lua("[{\"a\":null}]"));
}

static const char *server_side(const char *text)
{
    AUTO(deploy_documents_release) struct deploy_documents documents = {0};
    struct json_t *json = NULL;
    assert_int_equal(json_doc_parse(text, strlen(text), &json, ERR_IGNORED), 0);
    deploy_add(&documents, NULL, json_new_obj());
    deploy_add(&documents, NULL, json);
    return kubernetes_server_side(&documents);
}

static void tells_what_kubectl_would_lose(void **state)
{
    (void)state;
    assert_null(server_side("{\"a\":[1,null,[null]],\"b\":{\"c\":0}}"));
    assert_contains(server_side("{\"a\":{\"b\":null}}"), "null");
    assert_contains(server_side("{\"a\":[[{\"b\":null}]]}"), "null");
    char large[256 * 1024 + 16];
    memset(large, 'x', sizeof(large));
    memcpy(large, "{\"a\":\"", 6);
    memcpy(large + sizeof(large) - 3, "\"}", 3);
    assert_contains(server_side(large), "256 KiB");
    memcpy(large + sizeof(large) - 40, "\"}", 3);
    assert_null(server_side(large));
}

static void names_who_takes_an_option(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    const struct deployment wanted = {.name = "stamp", .version = 9999, .part = "chain"};
    assert_int_equal(target_check_choices(find("kong", NULL), CHOICE(SELECTOR), &wanted, &err),
                     ERR_USAGE);
    assert_non_null(strstr(err_text(&err), "--selector"));
    assert_non_null(strstr(err_text(&err), "(these have: istio)"));
}

static int check_label(const char *key, const char *value)
{
    const struct deploy_label label = {key, value};
    const struct deployment wanted = {
        .name = "stamp", .version = 9999, .labels = &label, .label_count = 1};
    return target_check_choices(find("istio", NULL), CHOICE(SELECTOR), &wanted, ERR_IGNORED);
}

static void checks_labels(void **state)
{
    (void)state;
    char longest[65];
    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_int_equal(check_label("app", longest), ERR_USAGE);
    assert_int_equal(check_label(longest, "a"), ERR_USAGE);
    longest[63] = '\0';
    assert_int_equal(check_label(longest, longest), 0);
    assert_int_equal(check_label("example.com/app", ""), 0);
    static const char *const bad[] = {"", "/a", "a/", "a/b/c", "A.B/c", "-a", "a-", "a b", "a\n"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(check_label(bad[i], "x"), ERR_USAGE);
    assert_int_equal(check_label("app", "a: b"), ERR_USAGE);
    assert_int_equal(check_label("app", "a\n"), ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_names),
        cmocka_unit_test(reads_hosts),
        cmocka_unit_test(refuses_what_is_no_url),
        cmocka_unit_test(hides_logins_of_urls),
        cmocka_unit_test(servers_have_no_path),
        cmocka_unit_test(fills_sentences),
        cmocka_unit_test(checks_the_shape_of_configurations),
        cmocka_unit_test(tells_what_lua_keeps),
        cmocka_unit_test(tells_what_kubectl_would_lose),
        cmocka_unit_test(names_who_takes_an_option),
        cmocka_unit_test(checks_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
