/* The text of the progress bar: its content, its width, and the speed that it shows. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/progress_line.h"

static const struct progress_state half = {
    .what = "filter.wasm", .done = 20000000, .total = 40000000, .rate = 2000000};

static void assert_line(const struct progress_state *state, int columns, const char *expected)
{
    char *line = progress_line(state, columns);
    assert_string_equal(line, expected);
    free(line);
}

static void a_wide_line_says_all(void **state)
{
    (void)state;
    assert_line(&half, 80,
                "filter.wasm [=========>           ]  20.0 MB of 40.0 MB    2.0 MB/s   0:10 left");
}

static void a_narrow_line_leaves_out(void **state)
{
    (void)state;
    assert_line(&half, 65, "filter.wasm [========>         ]  20.0 MB of 40.0 MB   0:10 left");
    assert_line(&half, 50, "filter.wasm [======>        ]  20.0 MB of 40.0 MB");
    assert_line(&half, 40, "filter.wasm  20.0 MB of 40.0 MB");
    assert_line(&half, 20, "filter.wasm  50%");
    assert_line(&half, 8, " 50%");
    assert_line(&half, 4, "");
    assert_line(&half, 0, "");
    assert_line(&half, -1, "");
}

static void what_is_not_known_is_not_made_up(void **state)
{
    (void)state;
    struct progress_state unknown = {.what = "image", .done = 1500};
    assert_line(&unknown, 80, "image   1.5 kB         -/s");
    assert_line(&unknown, 20, "image   1.5 kB");
    struct progress_state slow = {.what = "image", .done = 1, .total = 1000000000, .rate = 1};
    char left[32];
    progress_time_left(&slow, left);
    assert_string_equal(left, "");
    slow.rate = 100000;
    progress_time_left(&slow, left);
    assert_string_equal(left, "2:46:40");
}

/* For all numbers, the text is one line, no wider than the terminal, with the bar in brackets. */
static void every_line_fits(void **state)
{
    (void)state;
    static const long long sizes[] = {
        0, 1, 999, 1000, 999949, 999950, 12345678, 1LL << 40, 9223372036854775807LL};
    static const char *const names[] = {"filter.wasm", "3 of 10 images",
                                        "64 of 18446744073709551615 images"};
    size_t count = sizeof(sizes) / sizeof(*sizes);
    for (size_t i = 0; i < count * count * count * 3; i++) {
        const struct progress_state any = {.what = names[i % 3],
                                           .done = sizes[i / 3 % count],
                                           .total = sizes[i / 3 / count % count],
                                           .rate = sizes[i / 3 / count / count % count]};
        for (int columns = 0; columns < 200; columns++) {
            char *line = progress_line(&any, columns);
            assert_true(strlen(line) < (columns ? (size_t)columns : 1));
            assert_null(strpbrk(line, "\r\n\x1b"));
            free(line);
        }
    }
}

static void the_speed_is_that_of_the_last_seconds(void **state)
{
    (void)state;
    struct meter meter = {0};
    assert_int_equal(meter_rate(&meter, 1000, 5000000), 0); /* what was there before is no speed */
    assert_int_equal(meter_rate(&meter, 1100, 6000000), 0);
    assert_int_equal(meter_rate(&meter, 2000, 6000000), 1000000);
    for (int i = 0; i < 100; i++)
        (void)meter_rate(&meter, 2000 + i * 100, 6000000);
    assert_int_equal(meter_rate(&meter, 12000, 6000000), 0); /* stalled */
    assert_int_equal(meter_rate(&meter, 12100, 10), 0);      /* begun anew */
    assert_int_equal(meter_rate(&meter, 13100, 2010), 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_line_says_all),
        cmocka_unit_test(a_narrow_line_leaves_out),
        cmocka_unit_test(what_is_not_known_is_not_made_up),
        cmocka_unit_test(every_line_fits),
        cmocka_unit_test(the_speed_is_that_of_the_last_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
