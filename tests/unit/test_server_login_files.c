/* The files of logins: htpasswd, tokens, and what is counted and remembered of logins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "server/attempts.h"
#include "server/htpasswd.h"
#include "server/keyed.h"
#include "server/login.h"
#include "server/password.h"
#include "server/tokens.h"
#include "server/known_logins.h"

/* Of the password "wasme", by bcrypt at its lowest cost, SHA-512, SHA-256 and yescrypt. */
#define BCRYPT "$2y$04$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUPe"
#define SHA512                                                                                     \
    "$6$rounds=1000$saltsalt$I74kyUxIlTGhRZ7V5F3p84WTHxQm266e6Kz4gqLkGJPEoAP0NKG.VjeHjk6A.ShIVyaYJm6ydFY1QDJaL0Qug."
#define SHA256 "$5$rounds=1000$saltsalt$SIu2V4CArgRi50IG0587H/FkWPoO./kginMkO82P6.5"
#define YESCRYPT "$y$j75$V7qMYJaNbVKOeh4PhtqPk/$RFHPR/r/N0h0SY17Xt2ccWA2tRoSe/iPOqfnK3V5qj3"
#define APR1 "$apr1$abcdefgh$x1pTTtCHBaqyjdDaMk7yE0"

static int set_up(void **state)
{
    (void)state;
    return password_load(ERR_IGNORED);
}

static void test_passwords(void **state)
{
    static const char *const hashes[] = {BCRYPT, SHA512, SHA256, YESCRYPT};
    (void)state;
    for (size_t i = 0; i < COUNT(hashes); i++) {
        assert_int_equal(password_check_hash(hashes[i], ERR_IGNORED), 0);
        assert_true(password_matches("wasme", hashes[i]));
        assert_false(password_matches("Wasme", hashes[i]));
        assert_false(password_matches("", hashes[i]));
    }
}

static void expect_unfit(const char *hash, const char *words)
{
    AUTO(err_release) struct err err = ERR_INIT;
    if (password_check_hash(hash, &err) != ERR_UNSUPPORTED)
        fail_msg("accepted: %s", hash);
    if (!strstr(err_text(&err), words))
        fail_msg("no \"%s\" in: %s", words, err_text(&err));
    if (*hash && strlen(hash) > 12 && strstr(err_text(&err), hash + 7))
        fail_msg("the hash is in: %s", err_text(&err));
}

static void test_other_hashes(void **state)
{
    (void)state;
    expect_unfit(APR1, "a hash of Apache's MD5: set the password again with `htpasswd -B`");
    expect_unfit("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "a plain SHA-1");
    expect_unfit("$1$abcdefgh$irWbblnpmw.5z7wgBnprh0", "a hash of MD5");
    expect_unfit("rqXexS6ZhobKA", "no hash that can be checked safely");
    expect_unfit("password", "no hash that can be checked safely");
    expect_unfit("", "no hash that can be checked safely");
    expect_unfit("$2y$04$short", "damaged");
    expect_unfit("$2y$18$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUPe", "of cost 18");
    expect_unfit("$2y$03$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUPe", "damaged");
    expect_unfit("$2y$04$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUP:", "damaged");
    expect_unfit("$2x$04$abcdefghijklmnopqrstuu.8cfs5FSEmGFx9QzUCAS.5JEXDEGUPe", "no hash");
    expect_unfit("$6$", "the hash of $6$ is damaged");
}

static void test_htpasswd(void **state)
{
    AUTO(htpasswd_release) struct htpasswd read = {.users = NULL};
    (void)state;
    assert_int_equal(htpasswd_parse("# people\n\nzoe:" BCRYPT "\r\n  ann b:" SHA512
                                    ":a comment\n\t\n#x:y\nbob:" BCRYPT,
                                    "users", &read, ERR_IGNORED),
                     0);
    assert_int_equal(read.count, 3);
    assert_string_equal(htpasswd_find(&read, "ann b")->hash, SHA512);
    assert_string_equal(htpasswd_find(&read, "zoe")->hash, BCRYPT);
    assert_int_equal(htpasswd_find(&read, "bob")->line, 7);
    assert_null(htpasswd_find(&read, "ann"));
    assert_null(htpasswd_find(&read, ""));
    assert_null(htpasswd_find(&read, "#x"));
}

static void test_an_empty_htpasswd(void **state)
{
    AUTO(htpasswd_release) struct htpasswd read = {.users = NULL};
    (void)state;
    assert_int_equal(htpasswd_parse("", "users", &read, ERR_IGNORED), 0);
    assert_int_equal(htpasswd_parse("# nobody\n", "users", &read, ERR_IGNORED), 0);
    assert_null(htpasswd_find(&read, "ann"));
}

static void expect_bad_htpasswd(const char *text, const char *message)
{
    AUTO(err_release) struct err err = ERR_INIT;
    struct htpasswd read = {.users = NULL};
    assert_int_not_equal(htpasswd_parse(text, "users", &read, &err), 0);
    assert_null(read.users);
    assert_string_equal(err_text(&err), message);
}

static void test_bad_htpasswd(void **state)
{
    (void)state;
    expect_bad_htpasswd("ann:" BCRYPT "\nbob\n",
                        "users: line 2: no line of \"name:hash\", as `htpasswd -B` writes it");
    expect_bad_htpasswd("ann:" BCRYPT "\nbob:" BCRYPT "\nann:" BCRYPT "\n",
                        "users: line 3: user ann is on line 1, too");
    expect_bad_htpasswd("\nann:" APR1,
                        "users: line 2: user ann: a hash of Apache's MD5: set the password again "
                        "with `htpasswd -B`");
    expect_bad_htpasswd(":" BCRYPT,
                        "users: line 1: the name must have 1 to 255 bytes and no control "
                        "characters");
    expect_bad_htpasswd("a\x1b[m:" BCRYPT,
                        "users: line 1: the name must have 1 to 255 bytes and no "
                        "control characters");
}

static void test_tokens(void **state)
{
    AUTO(tokens_release) struct tokens read = {.items = NULL};
    (void)state;
    assert_int_equal(tokens_parse("# ci\n0123456789abcdef\n\n  -._~+/ABCDEFGHIJ==  \r\n", "tokens",
                                  &read, ERR_IGNORED),
                     0);
    assert_int_equal(read.count, 2);
    assert_string_equal(tokens_find(&read, "0123456789abcdef"), "token:2");
    assert_string_equal(tokens_find(&read, "-._~+/ABCDEFGHIJ=="), "token:4");
    assert_null(tokens_find(&read, "0123456789abcdeF"));
    assert_null(tokens_find(&read, "0123456789abcde"));
    assert_null(tokens_find(&read, ""));
}

static void test_bad_tokens(void **state)
{
    static const char *const texts[] = {"\n0123456789abcde\n", "\n0123456789abcdef ghi\n",
                                        "\n0123456789abcde\303\251f\n",
                                        "\n====================", "\n01234567=89abcdef"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(err_release) struct err err = ERR_INIT;
        struct tokens read = {.items = NULL};
        assert_int_equal(tokens_parse(texts[i], "tokens", &read, &err), ERR_DAMAGED);
        assert_int_equal(strncmp(err_text(&err), "tokens: line 2: a token ", 24), 0);
        assert_null(strstr(err_text(&err), "0123"));
    }
}

static void test_basic_credentials(void **state)
{
    static const char *const bad[] = {"",         "Basic",  "Basic ",          "Basic YW5u",
                                      "Bearer x", "Basicx", "Basic YW5uOnMz!", "Basic YW4AOnM="};
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *password = NULL;
    (void)state;
    assert_true(login_parse_basic("bAsIc  YW5uOnMzOmNyZXQ=", &name, &password));
    assert_string_equal(name, "ann");
    assert_string_equal(password, "s3:cret");
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO_FREE char *no_name = NULL;
        AUTO_FREE char *no_password = NULL;
        if (login_parse_basic(bad[i], &no_name, &no_password))
            fail_msg("accepted: %s", bad[i]);
    }
}

static struct digest digest_of_number(int number)
{
    struct digest out;
    AUTO_FREE char *text = mem_printf("%d", number);
    digest_of(text, strlen(text), &out);
    return out;
}

static void test_attempts_run_out(void **state)
{
    struct attempts *attempts = attempts_new();
    struct digest ann = digest_of_number(1), bob = digest_of_number(2);
    int64_t now = 1000000;
    (void)state;
    for (int i = 0; i < ATTEMPTS_MAX; i++)
        assert_true(attempts_take(attempts, &ann, now));
    assert_false(attempts_take(attempts, &ann, now));
    assert_false(attempts_take(attempts, &ann, now + ATTEMPTS_EACH_MS - 1));
    assert_true(attempts_take(attempts, &bob, now));
    assert_true(attempts_take(attempts, &ann, now + ATTEMPTS_EACH_MS));
    assert_false(attempts_take(attempts, &ann, now + ATTEMPTS_EACH_MS));
    attempts_give_back(attempts, &ann);
    assert_true(attempts_take(attempts, &ann, now + ATTEMPTS_EACH_MS));
    now += (int64_t)100 * ATTEMPTS_EACH_MS;
    for (int i = 0; i < ATTEMPTS_MAX; i++)
        assert_true(attempts_take(attempts, &ann, now));
    assert_false(attempts_take(attempts, &ann, now));
    attempts_free(attempts);
}

/* Many other addresses that failed once do not make the server forget the one that failed often. */
static void test_attempts_of_many(void **state)
{
    struct attempts *attempts = attempts_new();
    struct digest ann = digest_of_number(-1);
    (void)state;
    for (int i = 0; i < ATTEMPTS_MAX; i++)
        assert_true(attempts_take(attempts, &ann, 1000));
    for (int i = 0; i < 3 * ATTEMPTS_PLACES_MAX; i++) {
        struct digest other = digest_of_number(i);
        assert_true(attempts_take(attempts, &other, 1000));
    }
    assert_false(attempts_take(attempts, &ann, 1000));
    attempts_free(attempts);
}

static void test_verified(void **state)
{
    struct known_logins *known = known_logins_new();
    struct digest last = digest_of_number(0);
    (void)state;
    assert_false(known_logins_has(known, &last));
    for (int i = 0; i < 3 * KNOWN_LOGINS_MAX; i++) {
        last = digest_of_number(i);
        known_logins_add(known, &last);
        assert_true(known_logins_has(known, &last));
    }
    known_logins_clear(known);
    assert_false(known_logins_has(known, &last));
    known_logins_free(known);
}

static void test_keyed_digests(void **state)
{
    struct keyed one, other;
    struct digest a, b;
    (void)state;
    assert_int_equal(keyed_init(&one, ERR_IGNORED), 0);
    assert_int_equal(keyed_init(&other, ERR_IGNORED), 0);
    keyed_digest(&one, "ann", "secret", &a);
    keyed_digest(&one, "ann", "secret", &b);
    assert_true(digest_equal(&a, &b));
    keyed_digest(&other, "ann", "secret", &b);
    assert_false(digest_equal(&a, &b));
    keyed_digest(&one, "anns", "ecret", &b);
    assert_false(digest_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwords),        cmocka_unit_test(test_other_hashes),
        cmocka_unit_test(test_htpasswd),         cmocka_unit_test(test_an_empty_htpasswd),
        cmocka_unit_test(test_bad_htpasswd),     cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_bad_tokens),       cmocka_unit_test(test_attempts_run_out),
        cmocka_unit_test(test_attempts_of_many), cmocka_unit_test(test_verified),
        cmocka_unit_test(test_keyed_digests),    cmocka_unit_test(test_basic_credentials),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
