#include "unit.h"

#include "registry/challenge.h"

static void reads_a_bearer_challenge(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_ok(
        challenge_parse("Bearer realm=\"https://h.x/service/token\",service=\"harbor-registry\","
                        "scope=\"repository:p/a/b:pull,push repository:q:pull\"",
                        &list, &err),
        &err);
    assert_int_equal(list.count, 1);
    const struct challenge *bearer = challenge_find(&list, "bearer");
    assert_non_null(bearer);
    assert_string_equal(bearer->realm, "https://h.x/service/token");
    assert_string_equal(bearer->service, "harbor-registry");
    assert_string_equal(bearer->scope, "repository:p/a/b:pull,push repository:q:pull");
    assert_null(bearer->error);
}

static void reads_several_challenges(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_ok(challenge_parse("Negotiate, NTLM abc/+==, ,BASIC realm = \"a, b\" , charset=UTF-8,\t"
                              "bearer REALM=x, error=\"insufficient_scope\"",
                              &list, &err),
              &err);
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[0].scheme, "negotiate");
    assert_string_equal(list.items[1].scheme, "ntlm");
    assert_string_equal(challenge_find(&list, "basic")->realm, "a, b");
    assert_string_equal(challenge_find(&list, "bearer")->realm, "x");
    assert_string_equal(challenge_find(&list, "bearer")->error, "insufficient_scope");
    assert_null(challenge_find(&list, "digest"));
}

static void undoes_escapes(void **state)
{
    (void)state;
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_ok(challenge_parse("Basic realm=\"a \\\"b\\\" \\\\ \\c\"", &list, &err), &err);
    assert_string_equal(list.items[0].realm, "a \"b\" \\ c");
}

static void adds_to_what_is_there(void **state)
{
    (void)state;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_int_equal(challenge_parse("Basic realm=a", &list, ERR_IGNORED), 0);
    assert_int_equal(challenge_parse("", &list, ERR_IGNORED), 0);
    assert_int_equal(challenge_parse("Bearer realm=b", &list, ERR_IGNORED), 0);
    assert_int_equal(list.count, 2);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "Basic realm=\"a",        /* no end */
        "Basic realm=\"a\\",      /* no end behind an escape */
        "Basic realm=\"a\" b=c",  /* no comma */
        "Basic realm=\"a\"\"b\"", /* likewise */
        "Basic realm=",           /* read as token68, then */
        "Basic realm=a, realm=b", /* twice */
        "Basic realm=\"a\001b\"", /* a control character */
        "Basic realm=\"a\177\"",  /* likewise */
        "=x",                     /* no scheme */
        "Basic @",                /* no token */
        "Basic realm=a, \"b\"",   /* no scheme */
        "a,b,c,d,e,f,g,h,i",      /* too many */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        AUTO(challenge_list_release) struct challenge_list list = {0};
        int rc = challenge_parse(cases[i], &list, &err);
        if (i == 4) { /* the grammar allows it: no parameter comes of it */
            assert_int_equal(rc, 0);
            assert_null(list.items[0].realm);
            continue;
        }
        if (rc != ERR_DAMAGED)
            fail_msg("accepted: %s", cases[i]);
        assert_contains(err_text(&err), "WWW-Authenticate is malformed at byte");
    }
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    AUTO_FREE char *text = mem_alloc(CHALLENGE_TEXT_MAX + 2);
    memset(text, 'a', CHALLENGE_TEXT_MAX + 1);
    text[CHALLENGE_TEXT_MAX + 1] = '\0';
    assert_int_equal(challenge_parse(text, &list, ERR_IGNORED), ERR_DAMAGED);
}

static void finds_nothing_in_a_malformed_401(void **state)
{
    (void)state;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_int_equal(challenge_read("Basic realm=a\n=x\n", 401, &list, ERR_IGNORED), ERR_DAMAGED);
    assert_int_equal(list.count, 0);
    assert_null(challenge_find(&list, "basic"));
    assert_null(challenge_choose(&list));
}

static void chooses_bearer_with_a_realm(void **state)
{
    (void)state;
    AUTO(challenge_list_release) struct challenge_list list = {0};
    assert_int_equal(challenge_read("Bearer\nBasic realm=a\n", 401, &list, ERR_IGNORED), 0);
    assert_false(challenge_is_bearer(challenge_choose(&list)));
    challenge_list_release(&list);
    assert_int_equal(challenge_read("Basic realm=a\nBearer realm=b\n", 401, &list, ERR_IGNORED), 0);
    assert_true(challenge_is_bearer(challenge_choose(&list)));
}

/* zot's at /v2/ is not well-formed when its realm has a space; Basic needs no realm. */
static void takes_an_offer(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        const char *basic; /* the realm; NULL: no Basic */
        size_t count;
    } cases[] = {
        {"basic realm=zot\n", "zot", 1},         {"basic realm=\n", "", 1},
        {"Basic realm=the tests\n", "", 1},      {"Bearer realm=the tests\n", NULL, 0},
        {"Negotiate\nBasic realm=a b\n", "", 2}, {"=\n", NULL, 0},
        {"Basic realm=\"a\", =\n", "a", 1},      {"", NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        AUTO(challenge_list_release) struct challenge_list list = {0};
        assert_int_equal(challenge_read(cases[i].fields, 200, &list, ERR_IGNORED), 0);
        assert_int_equal(list.count, cases[i].count);
        const struct challenge *basic = challenge_find(&list, "basic");
        assert_int_equal(basic != NULL, cases[i].basic != NULL);
        if (basic && cases[i].basic[0])
            assert_string_equal(basic->realm, cases[i].basic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_offer),
        cmocka_unit_test(reads_a_bearer_challenge),
        cmocka_unit_test(reads_several_challenges),
        cmocka_unit_test(undoes_escapes),
        cmocka_unit_test(adds_to_what_is_there),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(finds_nothing_in_a_malformed_401),
        cmocka_unit_test(chooses_bearer_with_a_realm),
    };
    return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}
