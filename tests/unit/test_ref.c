#include "unit.h"

#include "image/ref.h"

/* Docker's normalisation: distribution/reference, normalize_test.go, in our own cases. */
static void normalises(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"foo", "docker.io/library/foo:latest"},
        {"foo:v1", "docker.io/library/foo:v1"},
        {"me/foo", "docker.io/me/foo:latest"},
        {"docker.io/foo", "docker.io/library/foo:latest"},
        {"index.docker.io/me/foo:1", "docker.io/me/foo:1"},
        {"localhost/foo", "localhost/foo:latest"},
        {"localhost:5000/a/b:v1", "localhost:5000/a/b:v1"},
        {"harbor.example/base/melon-add-header:v0.6", "harbor.example/base/melon-add-header:v0.6"},
        {"[::1]:5000/a:b", "[::1]:5000/a:b"},
        {"HOST/a", "HOST/a:latest"},
        {"h.x/a__b/c---d.e_f", "h.x/a__b/c---d.e_f:latest"},
        {"h.x/a@sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
         "h.x/a@sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"},
        {"h.x/a:t@sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
         "h.x/a:t@sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(ref_release) struct ref ref = {0};
        assert_ok(ref_parse(cases[i][0], NULL, &ref, &err), &err);
        assert_string_equal(ref.full, cases[i][1]);
    }
}

static void takes_apart(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = {0};
    assert_ok(ref_parse("h.x:8443/a/b:v1", NULL, &ref, &err), &err);
    assert_string_equal(ref.registry, "h.x:8443");
    assert_string_equal(ref.repository, "a/b");
    assert_string_equal(ref.tag, "v1");
    assert_string_equal(ref_manifest_key(&ref), "v1");
}

static void takes_a_default_registry(void **state)
{
    (void)state;
    AUTO(ref_release) struct ref ref = {0};
    assert_int_equal(ref_parse("a/b", "harbor.example", &ref, ERR_IGNORED), 0);
    assert_string_equal(ref.full, "harbor.example/a/b:latest");
    AUTO(ref_release) struct ref other = {0};
    assert_int_equal(ref_parse("h.x/b", "harbor.example", &other, ERR_IGNORED), 0);
    assert_string_equal(other.full, "h.x/b:latest");
}

static void refuses(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "empty"},
        {"https://h.x/a", "https://"},
        {"h.x/Foo", "lower case"},
        {"h.x/", "not a repository"},
        {"h.x//a", "not a repository"},
        {"h.x/-a", "not a repository"},
        {"h.x/a___b", "not a repository"},
        {"h.x/../a", "not a repository"},
        {"h.x/a:", "not a tag"},
        {"h.x/a:-t", "not a tag"},
        {"h.x/a:b c", "not a tag"},
        {"h.x/a@sha256:12", "64 lower-case hex"},
        {"h.x/a@md5:0", "only sha256"},
        {"h.x:port/a", "not a registry"},
        {"-h.x/a", "not a registry"},
        {"secret:hidden@h.x:5/a:1", "a user or a password in it (before \"@h.x:5/a:1\")"},
        {"https://secret:hidden@h.x/a", "a user or a password in it"},
        {"secret@h.x/a@sha256:12", "a user or a password in it"},
        {"secret:hidden@h.x:5", "a user or a password in it"},
        {"u:hid/hidden@h.x/a", "a user or a password in it"},
        {"u:hid@hidden@h.x/a", "a user or a password in it (before \"@h.x/a\")"},
        {"u@hidden@h.x", "a user or a password in it"},
        {"a:v1@sha256:12", "64 lower-case hex"},
        {"a@latest", "only sha256"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct ref ref = {0};
        assert_int_equal(ref_parse(cases[i][0], NULL, &ref, &err), ERR_USAGE);
        assert_contains(err_text(&err), cases[i][1]);
        assert_null(strstr(err_text(&err), "hidden"));
        assert_null(ref.full);
    }
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    struct ref ref = {0};
    char text[REF_MAX + 2];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(ref_parse(text, NULL, &ref, ERR_IGNORED), ERR_USAGE);
    text[300] = '\0';
    assert_int_equal(ref_parse(text, NULL, &ref, ERR_IGNORED), ERR_USAGE);
    memcpy(text, "h.x/a:", 6);
    text[6 + REF_TAG_MAX + 1] = '\0';
    assert_int_equal(ref_parse(text, NULL, &ref, ERR_IGNORED), ERR_USAGE);
    text[6 + REF_TAG_MAX] = '\0';
    assert_int_equal(ref_parse(text, NULL, &ref, ERR_IGNORED), 0);
    ref_release(&ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalises),
        cmocka_unit_test(takes_apart),
        cmocka_unit_test(takes_a_default_registry),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_what_is_too_long),
    };
    return cmocka_run_group_tests_name("ref", tests, NULL, NULL);
}
