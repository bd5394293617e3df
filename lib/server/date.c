#include "server/date.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void put_digits(char *out, int count, int number)
{
    for (; count > 0; number /= 10)
        out[--count] = (char)('0' + number % 10);
}

/* Without strftime, whose names follow the locale. */
void http_date_format(time_t when, char out[HTTP_DATE_LEN + 1])
{
    static const time_t year_10000 = 253402300800;
    struct tm tm;
    if (when < 0 || when >= year_10000)
        when = 0;
    gmtime_r(&when, &tm);
    memcpy(out, "Sun, 06 Nov 1994 08:49:37 GMT", HTTP_DATE_LEN + 1);
    memcpy(out, days[tm.tm_wday], 3);
    put_digits(out + 5, 2, tm.tm_mday);
    memcpy(out + 8, months[tm.tm_mon], 3);
    put_digits(out + 12, 4, tm.tm_year + 1900);
    put_digits(out + 17, 2, tm.tm_hour);
    put_digits(out + 20, 2, tm.tm_min);
    put_digits(out + 23, 2, tm.tm_sec);
}

static bool take_digits(const char **at, int count, int *out)
{
    *out = 0;
    for (; count > 0; count--, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_month(const char **at, int *out)
{
    for (int i = 0; i < 12; i++) {
        if (strncmp(*at, months[i], 3) == 0) {
            *at += 3;
            *out = i;
            return true;
        }
    }
    return false;
}

/* RFC 9110: a year of two digits that seems to be more than 50 years ahead is in the past. */
static int full_year(int two_digits)
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    int year = (tm.tm_year + 1900) / 100 * 100 + two_digits;
    return year > tm.tm_year + 1900 + 50 ? year - 100 : year;
}

/* Each letter of `pattern` that the switch names takes a part of the text; every other character
 * must stand in the text. */
static bool match(const char *pattern, const char *text, struct tm *tm)
{
    for (; *pattern; pattern++) {
        bool fine = true;
        switch (*pattern) {
        case 'd':
            fine = take_digits(&text, 2, &tm->tm_mday);
            break;
        case 'e': /* a blank may stand for the first digit */
            fine = take_digits(&text, *text == ' ' && text++ ? 1 : 2, &tm->tm_mday);
            break;
        case 'b':
            fine = take_month(&text, &tm->tm_mon);
            break;
        case 'Y':
            fine = take_digits(&text, 4, &tm->tm_year);
            break;
        case 'y':
            fine = take_digits(&text, 2, &tm->tm_year);
            tm->tm_year = full_year(tm->tm_year);
            break;
        case 't':
            fine = take_digits(&text, 2, &tm->tm_hour) && *text++ == ':' &&
                   take_digits(&text, 2, &tm->tm_min) && *text++ == ':' &&
                   take_digits(&text, 2, &tm->tm_sec);
            break;
        default:
            fine = *text++ == *pattern;
        }
        if (!fine)
            return false;
    }
    return *text == '\0';
}

static bool is_plausible(const struct tm *tm)
{
    return tm->tm_year >= 1900 && tm->tm_mday >= 1 && tm->tm_mday <= 31 && tm->tm_hour <= 23 &&
           tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* The name of the weekday is not checked: the rest of the text is the whole date. */
bool http_date_parse(const char *text, time_t *out)
{
    size_t name = 0;
    while (isalpha((unsigned char)text[name]))
        name++;
    if (name < 3)
        return false;
    struct tm tm = {0};
    const char *rest = text + name;
    if (!match(", d b Y t GMT", rest, &tm) && !match(", d-b-y t GMT", rest, &tm) &&
        !match(" b e t Y", rest, &tm))
        return false;
    if (!is_plausible(&tm))
        return false;
    tm.tm_year -= 1900;
    *out = timegm(&tm);
    return true;
}
