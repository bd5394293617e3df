/* Bars, percentages and cut names; the size budget of `wasme diff`. */
#include "unit.h"

#include <limits.h>
#include <stdlib.h>

#include "cmd/chart.h"
#include "cmd/diff_print.h"
#include "cmd/growth.h"

static void assert_bar(uint64_t part, uint64_t most, int cells, const char *expected)
{
    char *bar = chart_bar(part, most, cells);
    assert_string_equal(bar, expected);
    free(bar);
}

static void a_bar_is_as_long_as_its_share(void **state)
{
    (void)state;
    assert_bar(10, 10, 5, "#####");
    assert_bar(5, 10, 4, "##");
    assert_bar(4, 100, 10, "");
    assert_bar(5, 100, 10, "#");
    assert_bar(0, 10, 5, "");
    assert_bar(0, 0, 5, "");
    assert_bar(UINT64_MAX, UINT64_MAX, 3, "###");
    assert_bar(1, 1, 0, "");
    assert_bar(1, 1, -1, "");
}

static void assert_percent(uint64_t part, uint64_t whole, const char *expected)
{
    char percent[16];
    chart_percent(part, whole, percent);
    assert_string_equal(percent, expected);
}

static void percentages_have_one_decimal(void **state)
{
    (void)state;
    assert_percent(1, 3, "33.3%");
    assert_percent(3, 3, "100.0%");
    assert_percent(0, 0, "0.0%");
}

static void assert_cut(const char *text, int columns, const char *expected)
{
    char *cut = chart_cut(text, columns);
    assert_string_equal(cut, expected);
    free(cut);
}

static void a_name_is_cut_between_characters(void **state)
{
    (void)state;
    assert_cut("", 10, "");
    assert_cut("short", 5, "short");
    assert_cut("longer", 5, "lo...");
    assert_cut("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5,
               "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
    assert_cut("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9...");
    assert_cut("a\x1b[31m", 10, "a?[31m");
}

static void assert_growth(const char *text, long long before, long long after, bool allowed)
{
    struct growth growth;
    assert_int_equal(growth_parse(text, &growth, ERR_IGNORED), 0);
    assert_int_equal(growth_allows(&growth, before, after), allowed);
}

static void a_budget_is_a_size_or_a_percentage(void **state)
{
    (void)state;
    assert_growth("1kB", 5000, 6000, true);
    assert_growth("1kB", 5000, 6001, false);
    assert_growth("0", 5000, 5000, true);
    assert_growth("0", 5000, 5001, false);
    assert_growth("0%", 5000, 4000, true);
    assert_growth("2.5%", 1000, 1025, true);
    assert_growth("2.5%", 1000, 1026, false);
    assert_growth("0.001%", 100000, 100001, true);
    assert_growth("0.001%", 100000, 100002, false);
    assert_growth("999999%", 1, 9999, true);
    assert_growth("100%", LLONG_MAX / 4, LLONG_MAX / 2, true);
}

static void what_is_no_budget_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "%",    ".5%",      "5.%", "1.2345%",
                                      "-1%",    "1 %",  "1234567%", "x",   "5%%",
                                      "1.2.3%", "1,5%", "-5",       "1e3", NULL};
    for (size_t i = 0; bad[i]; i++) {
        struct growth growth;
        struct err err = ERR_INIT;
        assert_int_equal(growth_parse(bad[i], &growth, &err), ERR_USAGE);
        assert_non_null(strstr(err_text(&err), "--max-growth"));
        err_release(&err);
    }
}

static void assert_diff_percent(long long before, long long after, const char *expected)
{
    char percent[32];
    diff_percent(before, after, percent);
    assert_string_equal(percent, expected);
}

static void growth_in_per_cent(void **state)
{
    (void)state;
    assert_diff_percent(100, 112, "+12.0%");
    assert_diff_percent(100, 50, "-50.0%");
    assert_diff_percent(0, 5, "new");
    assert_diff_percent(5, 0, "gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_as_long_as_its_share),
        cmocka_unit_test(percentages_have_one_decimal),
        cmocka_unit_test(a_name_is_cut_between_characters),
        cmocka_unit_test(a_budget_is_a_size_or_a_percentage),
        cmocka_unit_test(what_is_no_budget_is_refused),
        cmocka_unit_test(growth_in_per_cent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
