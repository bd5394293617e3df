#include "unit.h"

#include "http/retry.h"

#define NOV_6_1994 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT: RFC 9110's example */

static void knows_what_may_pass(void **state)
{
    (void)state;
    static const int again[] = {408, 429, 500, 502, 503, 504, 599};
    static const int never[] = {200, 301, 400, 401, 403, 404, 409, 413, 501, 505, 600};
    for (size_t i = 0; i < COUNT(again); i++)
        assert_true(retry_wants(again[i]));
    for (size_t i = 0; i < COUNT(never); i++)
        assert_false(retry_wants(never[i]));
}

static void reads_retry_after(void **state)
{
    (void)state;
    assert_int_equal(retry_after_ms("0", 0), 0);
    assert_int_equal(retry_after_ms("7", 0), 7000);
    const char *date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_int_equal(retry_after_ms(date, NOV_6_1994 - 5), 5000);
    assert_int_equal(retry_after_ms(date, NOV_6_1994 + 5), 0);
    static const char *const bad[] = {"Sun, 06 Nov 1994 -1:49:37 GMT",
                                      "Sun,  6 Nov 1994 08:49:37 GMT",
                                      "",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "1 s",
                                      "soon",
                                      "99999999999999999999",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 06 Nov 1994 08:49:37 GMT x",
                                      "Sun, 06 Foo 1994 08:49:37 GMT",
                                      "Sun, 36 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 28:49:37 GMT"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(retry_after_ms(bad[i], 0), -1);
}

static void doubles_within_bounds(void **state)
{
    (void)state;
    int64_t whole = RETRY_FIRST_MS;
    for (int attempt = 0; attempt < 40; attempt++) {
        for (unsigned random = 0; random < 100000; random += 977) {
            int64_t pause = retry_pause_ms(attempt, NULL, 0, random);
            assert_true(pause >= whole / 2 && pause <= whole);
        }
        whole = whole * 2 < RETRY_PAUSE_MAX ? whole * 2 : RETRY_PAUSE_MAX;
    }
    assert_true(retry_pause_ms(0, NULL, 0, 0) != retry_pause_ms(0, NULL, 0, 99));
}

static void honours_what_is_asked(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(0, "3", 0, 0), 3000);
    assert_int_equal(retry_pause_ms(9, "0", 0, 0), 0);
    /* Later, and not all at once, but never earlier. */
    for (unsigned random = 0; random < 100000; random += 977) {
        int64_t pause = retry_pause_ms(2, "3", 0, random);
        assert_true(pause >= 3000 && pause <= 3000 + 4 * RETRY_FIRST_MS);
    }
    assert_true(retry_pause_ms(0, "3", 0, 1) != retry_pause_ms(0, "3", 0, 99));
    assert_int_equal(retry_pause_ms(0, "120", 0, 0), RETRY_AFTER_MAX);
    assert_int_equal(retry_pause_ms(0, "121", 0, 0), -1);
    assert_int_equal(retry_pause_ms(0, "Sun, 06 Nov 1994 08:49:37 GMT", 0, 0), -1);
    assert_true(retry_pause_ms(0, "later", 0, 0) >= RETRY_FIRST_MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_may_pass),
        cmocka_unit_test(reads_retry_after),
        cmocka_unit_test(doubles_within_bounds),
        cmocka_unit_test(honours_what_is_asked),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
