#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_sleep_ms(int64_t ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (ms > 0)
        nanosleep(&span, NULL);
}

static bool format_parts(const struct tm *parts, char out[CLOCK_TEXT_MAX])
{
    if (parts->tm_year < -1900 || parts->tm_year > 9999 - 1900)
        return false;
    int len =
        snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", parts->tm_year + 1900,
                 parts->tm_mon + 1, parts->tm_mday, parts->tm_hour, parts->tm_min, parts->tm_sec);
    char *zone = out + len;
    size_t room = CLOCK_TEXT_MAX - (size_t)len;
    long minutes = labs(parts->tm_gmtoff) / 60;
    if (parts->tm_gmtoff == 0)
        snprintf(zone, room, "Z");
    else
        snprintf(zone, room, "%c%02ld:%02ld", parts->tm_gmtoff < 0 ? '-' : '+', minutes / 60,
                 minutes % 60);
    return true;
}

bool clock_format(time_t when, char out[CLOCK_TEXT_MAX])
{
    struct tm parts;
    *out = '\0';
    return gmtime_r(&when, &parts) && format_parts(&parts, out);
}

bool clock_format_local(time_t when, char out[CLOCK_TEXT_MAX])
{
    struct tm parts;
    *out = '\0';
    return localtime_r(&when, &parts) && format_parts(&parts, out);
}

/* Whether the text has a digit for each 'd' of the pattern, and its other characters as they
 * are. */
static bool fits(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++) {
        bool digit = *text >= '0' && *text <= '9';
        if (*pattern == 'd' ? !digit : *text != *pattern)
            return false;
    }
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "Z" or "+08:00": the seconds that local time is ahead. */
static bool parse_offset(const char *text, int *out)
{
    *out = 0;
    if ((*text == 'Z' || *text == 'z') && !text[1])
        return true;
    if ((*text != '+' && *text != '-') || !fits(text + 1, "dd:dd") || text[6])
        return false;
    int hours = two_digits(text + 1), minutes = two_digits(text + 4);
    *out = (hours * 60 + minutes) * (*text == '-' ? -60 : 60);
    return hours < 24 && minutes < 60;
}

bool clock_parse(const char *text, time_t *out)
{
    if (!fits(text, "dddd-dd-ddTdd:dd:dd"))
        return false;
    struct tm parts = {
        .tm_year = two_digits(text) * 100 + two_digits(text + 2) - 1900,
        .tm_mon = two_digits(text + 5) - 1,
        .tm_mday = two_digits(text + 8),
        .tm_hour = two_digits(text + 11),
        .tm_min = two_digits(text + 14),
        .tm_sec = two_digits(text + 17),
    };
    struct tm given = parts;
    const char *rest = text + 19;
    if (*rest == '.' && rest[1] >= '0' && rest[1] <= '9')
        rest += 1 + strspn(rest + 1, "0123456789");
    int offset = 0;
    if (!parse_offset(rest, &offset))
        return false;
    time_t when = timegm(&parts); /* which carries what is too large: such a time is none */
    if (parts.tm_mon != given.tm_mon || parts.tm_mday != given.tm_mday ||
        parts.tm_hour != given.tm_hour || parts.tm_min != given.tm_min)
        return false;
    *out = when - offset;
    return true;
}
