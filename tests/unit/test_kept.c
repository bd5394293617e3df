/* Tokens that serve the next command: whose they are, and until when. */
#include "unit.h"

#include <time.h>

#include "base/clock.h"
#include "base/private_file.h"
#include "files.h"
#include "registry/kept.h"

#define HOUR_MS (3600 * 1000LL)

static const struct kept_owner owner = {
    "harbor.example", "https://harbor.example", "https://harbor.example/token", "registry", "user",
    "config.json",
};

struct place {
    struct made_folder folder;
};

static int set_up(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    place->folder = (struct made_folder)MADE_FOLDER;
    assert_int_equal(made_folder_fill(&place->folder, "chmod 700 ."), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    made_folder_remove(&place->folder);
    free(place);
    return 0;
}

static void put_one(const struct place *place, const struct kept_owner *whose, const char *scope,
                    const char *text, int64_t ms)
{
    struct kept kept = {.dir = place->folder.path};
    AUTO_FREE char *line = mem_printf("Authorization: Bearer %s", text);
    const struct token token = {.line = line};
    kept_put(&kept, whose, scope, &token, ms);
    kept_close(&kept);
}

/* The token line for the scope, or "". The caller frees it. */
static char *find(const struct place *place, const struct kept_owner *whose, const char *scope)
{
    struct kept kept = {.dir = place->folder.path};
    struct token token = {0};
    AUTO_FREE char *granted = NULL;
    bool found = kept_find(&kept, whose, scope, &token, &granted);
    kept_close(&kept);
    if (found)
        assert_true(token.expires_at > clock_ms() && token.expires_at <= clock_ms() + HOUR_MS);
    return found ? token.line : mem_dup("");
}

static void expect(const struct place *place, const struct kept_owner *whose, const char *scope,
                   const char *wanted)
{
    AUTO_FREE char *line = find(place, whose, scope);
    AUTO_FREE char *whole = mem_printf("%s%s", *wanted ? "Authorization: Bearer " : "", wanted);
    assert_string_equal(line, whole);
}

static void a_token_is_for_its_owner_and_what_its_scope_covers(void **state)
{
    const struct place *place = *state;
    put_one(place, &owner, "repository:a/b:pull,push", "one", HOUR_MS);
    expect(place, &owner, "repository:a/b:pull,push", "one");
    expect(place, &owner, "repository:a/b:pull", "one");
    expect(place, &owner, "repository:a/b:delete", "");
    expect(place, &owner, "repository:a/c:pull", "");
    expect(place, &owner, "", "");
    const char *const *same = (const char *const *)(const void *)&owner;
    for (size_t i = 0; i < KEPT_SCOPE; i++) {
        const char *fields[KEPT_SCOPE];
        memcpy(fields, same, sizeof(fields));
        for (int k = 0; k < 2; k++) {
            fields[i] = k ? NULL : "another";
            struct kept_owner other;
            memcpy(&other, fields, sizeof(other));
            expect(place, &other, "repository:a/b:pull", "");
        }
    }
}

static void no_life_is_longer_than_an_hour(void **state)
{
    const struct place *place = *state;
    put_one(place, &owner, "long", "one", 1000 * HOUR_MS);
    expect(place, &owner, "long", "one");
    put_one(place, &owner, "short", "two", 5000);
    expect(place, &owner, "short", "");
    put_one(place, &owner, "gone", "three", -5000);
    expect(place, &owner, "gone", "");
}

static void a_token_is_dropped_and_replaced(void **state)
{
    const struct place *place = *state;
    put_one(place, &owner, "a", "one", HOUR_MS);
    put_one(place, &owner, "a", "two", HOUR_MS);
    expect(place, &owner, "a", "two");
    struct kept first = {.dir = place->folder.path};
    struct token token AUTO(token_release) = {0};
    char *granted = NULL;
    put_one(place, &owner, "b", "three", HOUR_MS);
    kept_drop(&first, &owner, "a");
    assert_false(kept_find(&first, &owner, "a", &token, &granted));
    put_one(place, &owner, "c", "four", HOUR_MS); /* by another process */
    kept_close(&first);
    expect(place, &owner, "a", "");
    expect(place, &owner, "b", "three");
    expect(place, &owner, "c", "four");
}

static void a_host_is_forgotten_alone(void **state)
{
    const struct place *place = *state;
    struct kept_owner other = owner;
    other.host = "other.example";
    put_one(place, &owner, "a", "one", HOUR_MS);
    put_one(place, &other, "a", "two", HOUR_MS);
    kept_forget_host(place->folder.path, "harbor");
    expect(place, &owner, "a", "one");
    kept_forget_host(place->folder.path, "harbor.example");
    expect(place, &owner, "a", "");
    expect(place, &other, "a", "two");
    kept_forget_host(place->folder.path, "other.example");
    assert_int_equal(made_folder_run(&place->folder, "test ! -e tokens"), 0);
    kept_forget_host(place->folder.path, "other.example");
    kept_forget_host(NULL, "other.example");
}

static void texts_that_would_break_the_file_are_not_kept(void **state)
{
    const struct place *place = *state;
    static const char *const bad[] = {"with\ttab", "with\nline", "with\rreturn", "\x7f"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct kept_owner other = owner;
        other.source = bad[i];
        put_one(place, &other, "a", "one", HOUR_MS);
        put_one(place, &owner, bad[i], "one", HOUR_MS);
        put_one(place, &owner, "a", bad[i], HOUR_MS);
        expect(place, &other, "a", "");
    }
    AUTO_FREE char *huge = mem_zero(KEPT_TEXT_MAX + 2, 1);
    memset(huge, 'a', KEPT_TEXT_MAX + 1);
    put_one(place, &owner, "a", huge, HOUR_MS);
    expect(place, &owner, "a", "");
    assert_int_equal(made_folder_run(&place->folder, "test ! -e tokens"), 0);
}

static void the_file_is_bounded(void **state)
{
    const struct place *place = *state;
    AUTO_FREE char *text = mem_zero(KEPT_TEXT_MAX + 1, 1);
    memset(text, 'a', KEPT_TEXT_MAX);
    for (int i = 0; i < 2 * KEPT_TOKENS_MAX; i++) {
        AUTO_FREE char *scope = mem_printf("scope-%d", i);
        put_one(place, &owner, scope, i < KEPT_TOKENS_MAX ? text : "b", HOUR_MS / 4 + i * 2000);
    }
    AUTO_FREE char *last = mem_printf("scope-%d", 2 * KEPT_TOKENS_MAX - 1);
    expect(place, &owner, last, "b");
    expect(place, &owner, "scope-0", "");
    assert_int_equal(made_folder_run(&place->folder, "test $(stat -c %s tokens) -le 524288 &&"
                                                     "test $(wc -l <tokens) = 129"),
                     0);
}

static void the_folder_must_be_private(void **state)
{
    const struct place *place = *state;
    put_one(place, &owner, "a", "one", HOUR_MS);
    assert_int_equal(made_folder_run(&place->folder, "chmod 750 ."), 0);
    expect(place, &owner, "a", "");
    assert_int_equal(made_folder_run(&place->folder, "chmod 700 ."), 0);
    expect(place, &owner, "a", "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_is_for_its_owner_and_what_its_scope_covers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_life_is_longer_than_an_hour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_is_dropped_and_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_host_is_forgotten_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_that_would_break_the_file_are_not_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_file_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_folder_must_be_private, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
