/* Times as text. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static void reads_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long long when; /* -1: none */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2021-12-01T14:33:02Z", 1638369182},
        {"2021-12-01T14:33:02.123456789Z", 1638369182},
        {"2021-12-01T14:33:02+08:00", 1638369182 - 8 * 3600},
        {"2021-12-01T14:33:02.5-03:30", 1638369182 + 12600},
        {"2020-02-29T00:00:00Z", 1582934400},
        {"2021-02-29T00:00:00Z", -1},
        {"2021-13-01T00:00:00Z", -1},
        {"2021-12-01T24:00:00Z", -1},
        {"2021-12-01T14:60:00Z", -1},
        {"2021-12-01 14:33:02Z", -1},
        {"2021-12-01T14:33:02", -1},
        {"2021-12-01T14:33:02.Z", -1},
        {"2021-12-01T14:33:02Zx", -1},
        {"2021-12-01T14:33:02+24:00", -1},
        {"2021-12-01T14:33:02+0800", -1},
        {"2021-12-01T14:33", -1},
        {"", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        time_t when = -1;
        bool taken = clock_parse(cases[i].text, &when);
        if (taken != (cases[i].when >= 0) || when != cases[i].when)
            fail_msg("%s: %lld", cases[i].text, (long long)when);
    }
}

static void writes_times(void **state)
{
    (void)state;
    static const struct {
        long long when;
        const char *zone; /* as POSIX's TZ has it: west of Greenwich is positive; NULL: UTC */
        const char *text; /* NULL: there is none */
    } cases[] = {
        {0, NULL, "1970-01-01T00:00:00Z"},
        {1638369182, NULL, "2021-12-01T14:33:02Z"},
        {-62135596800, NULL, "0001-01-01T00:00:00Z"},
        {253402300799, NULL, "9999-12-31T23:59:59Z"},
        {253402300800, NULL, NULL},
        {1638369182, "XXX-08", "2021-12-01T22:33:02+08:00"},
        {1638369182, "XXX+03:30", "2021-12-01T11:03:02-03:30"},
        {1638369182, "XXX00", "2021-12-01T14:33:02Z"},
        {253402300799, "XXX-01", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[CLOCK_TEXT_MAX] = "old";
        setenv("TZ", cases[i].zone ? cases[i].zone : "XXX-05", 1);
        tzset();
        bool written = cases[i].zone ? clock_format_local(cases[i].when, text)
                                     : clock_format(cases[i].when, text);
        assert_int_equal(written, cases[i].text != NULL);
        assert_string_equal(text, cases[i].text ? cases[i].text : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(writes_times),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
