/* The meaning of the fields of a request, and the timers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "server/condition.h"
#include "base/http_date.h"
#include "server/range.h"
#include "server/timers.h"

static void test_dates(void **state)
{
    (void)state;
    char text[HTTP_DATE_LEN + 1];
    time_t when = 0;
    http_date_format(784111777, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(http_date_parse(same[i], &when));
        assert_int_equal(when, 784111777);
        assert_int_equal(http_date_parse_fixed(same[i], &when), i == 0);
    }
    static const char *const bad[] = {
        "",
        "x",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 0094 08:49:37 GMT",
        "784111777",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(http_date_parse(bad[i], &when) || http_date_parse_fixed(bad[i], &when));
}

static void expect_range(const char *text, long long size, long long first, long long last)
{
    long long from = -1, to = -1;
    assert_int_equal(range_parse(text, size, &from, &to), RANGE_ONE);
    assert_int_equal(from, first);
    assert_int_equal(to, last);
}

static void test_ranges(void **state)
{
    (void)state;
    expect_range("bytes=0-0", 10, 0, 0);
    expect_range("Bytes=2-5", 10, 2, 5);
    expect_range("bytes=2-", 10, 2, 9);
    expect_range("bytes=2-99", 10, 2, 9);
    expect_range("bytes=-3", 10, 7, 9);
    expect_range("bytes=-30", 10, 0, 9);
    expect_range("bytes= 1-2 ", 10, 1, 2);
    long long first, last;
    assert_int_equal(range_parse("bytes=10-", 10, &first, &last), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=10-11", 10, &first, &last), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=-0", 10, &first, &last), RANGE_OUTSIDE);
    static const char *const ignored[] = {
        "", "bytes", "items=0-1", "bytes 0-1", "bytes=0-1,3-4", "bytes=0-1, -4", "bytes=99-,5-"};
    for (size_t i = 0; i < COUNT(ignored); i++)
        assert_int_equal(range_parse(ignored[i], 10, &first, &last), RANGE_NONE);
    static const char *const malformed[] = {
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=--1",
        "bytes=1-+2",
        "bytes=1-2x",
        "bytes=1 -2",
        "bytes=,1-2",
        "bytes=0-1;2-3",
        "bytes=0-1,x",
        "bytes=5",
        "bytes=0-9999999999999999999",
        "bytes=9999999999999999999-",
    };
    for (size_t i = 0; i < COUNT(malformed); i++)
        assert_int_equal(range_parse(malformed[i], 10, &first, &last), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=-1", 0, &first, &last), RANGE_NONE);
}

static int check_none_match(const char *list, const char *etag)
{
    struct server_request request;
    request_init(&request);
    request.if_none_match = list;
    request.if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT"; /* must not count */
    return condition_check(&request, etag, 784111777);
}

static void test_if_none_match(void **state)
{
    (void)state;
    assert_int_equal(check_none_match("\"a\"", "a"), 304);
    assert_int_equal(check_none_match("W/\"a\"", "a"), 304);
    assert_int_equal(check_none_match("\"b\", W/\"c\" ,\"a\"", "a"), 304);
    assert_int_equal(check_none_match(",, \"b,\"\"a\"", "a"), 304);
    assert_int_equal(check_none_match("*", "a"), 304);
    assert_int_equal(check_none_match("*", ""), 304);
    assert_int_equal(check_none_match("\"b\"", "a"), 0);
    assert_int_equal(check_none_match("\"aa\"", "a"), 0);
    assert_int_equal(check_none_match("a", "a"), 0);
    assert_int_equal(check_none_match("\"a", "a"), 0);
    assert_int_equal(check_none_match("", "a"), 0);
    assert_int_equal(check_none_match("\"\"", ""), 0);
}

static int check_since(const char *modified_since, const char *unmodified_since, time_t modified)
{
    struct server_request request;
    request_init(&request);
    request.if_modified_since = modified_since;
    request.if_unmodified_since = unmodified_since;
    return condition_check(&request, "a", modified);
}

static void test_dates_as_conditions(void **state)
{
    (void)state;
    static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_int_equal(check_since(date, NULL, 784111777), 304);
    assert_int_equal(check_since(date, NULL, 784111776), 304);
    assert_int_equal(check_since(date, NULL, 784111778), 0);
    assert_int_equal(check_since("yesterday", NULL, 784111777), 0);
    assert_int_equal(check_since(date, NULL, 0), 0);
    assert_int_equal(check_since(NULL, date, 784111777), 0);
    assert_int_equal(check_since(NULL, date, 784111778), 412);
    assert_int_equal(check_since(NULL, "never", 784111778), 0);
    assert_int_equal(check_since(NULL, date, 0), 0);
}

static void test_if_match(void **state)
{
    (void)state;
    struct server_request request;
    request_init(&request);
    request.if_match = "\"b\", \"a\"";
    assert_int_equal(condition_check(&request, "a", 0), 0);
    assert_int_equal(condition_check(&request, "c", 0), 412);
    request.if_match = "W/\"a\"";
    assert_int_equal(condition_check(&request, "a", 0), 412);
}

static bool range_counts(const char *if_range, time_t now)
{
    struct server_request request;
    request_init(&request);
    request.if_range = if_range;
    return condition_range_counts(&request, "a", 784111777, now);
}

static void test_if_range(void **state)
{
    (void)state;
    static const time_t later = 784111777 + 60;
    assert_true(range_counts(NULL, later));
    assert_true(range_counts("\"a\"", later));
    assert_false(range_counts("W/\"a\"", later));
    assert_false(range_counts("\"b\"", later));
    assert_false(range_counts("\"a\", \"b\"", later));
    assert_false(range_counts("*", later));
    assert_false(range_counts("", later));
    assert_true(range_counts("Sun, 06 Nov 1994 08:49:37 GMT", later));
    assert_false(range_counts("Sun, 06 Nov 1994 08:49:38 GMT", later));
    assert_false(range_counts("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 1));
}

static void test_ranges_of_content(void **state)
{
    static const char *const malformed[] = {
        "",
        "bytes",
        "bytes ",
        "-",
        "0",
        "0-",
        "-9",
        "9-0",
        "0-9x",
        "+0-9",
        "0-+9",
        "0- 9",
        "0--9",
        "a-b",
        "bytes 0-9 ",
        "0-9,",
        "1-9999999999999999999",
        "9999999999999999999-1",
    };
    long long first, last;
    (void)state;
    assert_true(range_of_content("0-9", &first, &last));
    assert_int_equal(first, 0);
    assert_int_equal(last, 9);
    assert_true(range_of_content("bytes 5-5/10", &first, &last));
    assert_int_equal(first, 5);
    assert_int_equal(last, 5);
    assert_true(range_of_content("bytes 5-999999999999999999/*", &first, &last));
    assert_true(last == 999999999999999999);
    for (size_t i = 0; i < COUNT(malformed); i++)
        if (range_of_content(malformed[i], &first, &last))
            fail_msg("%s", malformed[i]);
}

static void test_timers(void **state)
{
    (void)state;
    struct timers timers = {.duration = {[TIMER_IDLE] = 10, [TIMER_SEND] = 5}};
    struct timer a = {0}, b = {0}, c = {0};
    assert_true(timers_next(&timers) == INT64_MAX);
    timers_start(&timers, &a, TIMER_IDLE, 100);
    timers_start(&timers, &b, TIMER_IDLE, 101);
    timers_start(&timers, &c, TIMER_SEND, 104);
    assert_int_equal(timers_next(&timers), 109);
    assert_null(timers_due(&timers, 108));
    assert_ptr_equal(timers_due(&timers, 109), &c);
    timers_start(&timers, &a, TIMER_IDLE, 105);
    timers_stop(&timers, &c);
    timers_stop(&timers, &c);
    assert_ptr_equal(timers_due(&timers, 111), &b);
    timers_stop(&timers, &b);
    assert_null(timers_due(&timers, 114));
    assert_ptr_equal(timers_due(&timers, 115), &a);
    timers_stop(&timers, &a);
    assert_true(timers_next(&timers) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),         cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_if_none_match), cmocka_unit_test(test_dates_as_conditions),
        cmocka_unit_test(test_if_match),      cmocka_unit_test(test_if_range),
        cmocka_unit_test(test_timers),        cmocka_unit_test(test_ranges_of_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
