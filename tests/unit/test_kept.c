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

static void put_one(const struct made_folder *folder, const struct kept_owner *whose,
                    const char *scope, const char *text, int64_t ms)
{
    struct kept kept = {.dir = folder->path};
    AUTO_FREE char *line = mem_printf("Authorization: Bearer %s", text);
    const struct token token = {.line = line};
    kept_put(&kept, whose, scope, &token, ms);
    kept_close(&kept);
}

/* The token line for the scope, or "". The caller frees it. */
static char *find(const struct made_folder *folder, const struct kept_owner *whose,
                  const char *scope)
{
    struct kept kept = {.dir = folder->path};
    struct token token = {0};
    AUTO_FREE char *granted = NULL;
    bool found = kept_find(&kept, whose, scope, &token, &granted);
    kept_close(&kept);
    if (found)
        assert_true(token.expires_at > clock_ms() && token.expires_at <= clock_ms() + HOUR_MS);
    return found ? token.line : mem_dup("");
}

static void expect(const struct made_folder *folder, const struct kept_owner *whose,
                   const char *scope, const char *wanted)
{
    AUTO_FREE char *line = find(folder, whose, scope);
    AUTO_FREE char *whole = mem_printf("%s%s", *wanted ? "Authorization: Bearer " : "", wanted);
    assert_string_equal(line, whole);
}

static void a_token_is_for_its_owner_and_what_its_scope_covers(void **state)
{
    const struct made_folder *folder = *state;
    put_one(folder, &owner, "repository:a/b:pull,push", "one", HOUR_MS);
    expect(folder, &owner, "repository:a/b:pull,push", "one");
    expect(folder, &owner, "repository:a/b:pull", "one");
    expect(folder, &owner, "repository:a/b:delete", "");
    expect(folder, &owner, "repository:a/c:pull", "");
    expect(folder, &owner, "", "");
    const char *const *same = (const char *const *)(const void *)&owner;
    for (size_t i = 0; i < KEPT_SCOPE; i++) {
        const char *fields[KEPT_SCOPE];
        memcpy(fields, same, sizeof(fields));
        for (int k = 0; k < 2; k++) {
            fields[i] = k ? NULL : "another";
            struct kept_owner other;
            memcpy(&other, fields, sizeof(other));
            expect(folder, &other, "repository:a/b:pull", "");
        }
    }
}

static void no_life_is_longer_than_an_hour(void **state)
{
    const struct made_folder *folder = *state;
    put_one(folder, &owner, "long", "one", 1000 * HOUR_MS);
    expect(folder, &owner, "long", "one");
    put_one(folder, &owner, "short", "two", 5000);
    expect(folder, &owner, "short", "");
    put_one(folder, &owner, "gone", "three", -5000);
    expect(folder, &owner, "gone", "");
}

static void a_token_is_dropped_and_replaced(void **state)
{
    const struct made_folder *folder = *state;
    put_one(folder, &owner, "a", "one", HOUR_MS);
    put_one(folder, &owner, "a", "two", HOUR_MS);
    expect(folder, &owner, "a", "two");
    struct kept first = {.dir = folder->path};
    struct token token AUTO(token_release) = {0};
    char *granted = NULL;
    put_one(folder, &owner, "b", "three", HOUR_MS);
    kept_drop(&first, &owner, "a");
    assert_false(kept_find(&first, &owner, "a", &token, &granted));
    put_one(folder, &owner, "c", "four", HOUR_MS); /* by another process */
    kept_close(&first);
    expect(folder, &owner, "a", "");
    expect(folder, &owner, "b", "three");
    expect(folder, &owner, "c", "four");
}

static void a_host_is_forgotten_alone(void **state)
{
    const struct made_folder *folder = *state;
    struct kept_owner other = owner;
    other.host = "other.example";
    put_one(folder, &owner, "a", "one", HOUR_MS);
    put_one(folder, &other, "a", "two", HOUR_MS);
    kept_forget_host(folder->path, "harbor");
    expect(folder, &owner, "a", "one");
    kept_forget_host(folder->path, "harbor.example");
    expect(folder, &owner, "a", "");
    expect(folder, &other, "a", "two");
    kept_forget_host(folder->path, "other.example");
    assert_int_equal(made_folder_run(folder, "test ! -e tokens"), 0);
    kept_forget_host(folder->path, "other.example");
    kept_forget_host(NULL, "other.example");
}

static void texts_that_would_break_the_file_are_not_kept(void **state)
{
    const struct made_folder *folder = *state;
    static const char *const bad[] = {"with\ttab", "with\nline", "with\rreturn", "\x7f"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct kept_owner other = owner;
        other.source = bad[i];
        put_one(folder, &other, "a", "one", HOUR_MS);
        put_one(folder, &owner, bad[i], "one", HOUR_MS);
        put_one(folder, &owner, "a", bad[i], HOUR_MS);
        expect(folder, &other, "a", "");
    }
    AUTO_FREE char *huge = mem_zero(KEPT_TEXT_MAX + 2, 1);
    memset(huge, 'a', KEPT_TEXT_MAX + 1);
    put_one(folder, &owner, "a", huge, HOUR_MS);
    expect(folder, &owner, "a", "");
    assert_int_equal(made_folder_run(folder, "test ! -e tokens"), 0);
}

static void the_file_is_bounded(void **state)
{
    const struct made_folder *folder = *state;
    AUTO_FREE char *text = mem_zero(KEPT_TEXT_MAX + 1, 1);
    memset(text, 'a', KEPT_TEXT_MAX);
    for (int i = 0; i < 2 * KEPT_TOKENS_MAX; i++) {
        AUTO_FREE char *scope = mem_printf("scope-%d", i);
        put_one(folder, &owner, scope, i < KEPT_TOKENS_MAX ? text : "b", HOUR_MS / 4 + i * 2000);
    }
    AUTO_FREE char *last = mem_printf("scope-%d", 2 * KEPT_TOKENS_MAX - 1);
    expect(folder, &owner, last, "b");
    expect(folder, &owner, "scope-0", "");
    assert_int_equal(made_folder_run(folder, "test $(stat -c %s tokens) -le 524288 &&"
                                             "test $(wc -l <tokens) = 129"),
                     0);
}

static void the_folder_must_be_private(void **state)
{
    const struct made_folder *folder = *state;
    put_one(folder, &owner, "a", "one", HOUR_MS);
    assert_int_equal(made_folder_run(folder, "chmod 750 ."), 0);
    expect(folder, &owner, "a", "");
    assert_int_equal(made_folder_run(folder, "chmod 700 ."), 0);
    expect(folder, &owner, "a", "one");
}

#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, private_folder_set_up, private_folder_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_token_is_for_its_owner_and_what_its_scope_covers),
        IN_FOLDER(no_life_is_longer_than_an_hour),
        IN_FOLDER(a_token_is_dropped_and_replaced),
        IN_FOLDER(a_host_is_forgotten_alone),
        IN_FOLDER(texts_that_would_break_the_file_are_not_kept),
        IN_FOLDER(the_file_is_bounded),
        IN_FOLDER(the_folder_must_be_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
