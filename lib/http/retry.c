#include "http/retry.h"

#include <stdio.h>
#include <string.h>

bool retry_wants(int status)
{
    if (status == 408 || status == 429)
        return true;
    return status >= 500 && status <= 599 && status != 501 && status != 505;
}

static int month_of(const char *name)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (int i = 0; i < 12; i++)
        if (strcmp(name, months[i]) == 0)
            return i;
    return -1;
}

/* sscanf alone takes signs and spaces for digits. */
static bool has_form_of_date(const char *text)
{
    static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT";
    for (size_t i = 0; i < sizeof(form); i++) {
        bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z');
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'a' ? !letter : form[i] == '0' ? !digit : text[i] != form[i])
            return false;
    }
    return true;
}

bool retry_parse_date(const char *text, time_t *out)
{
    char month[4];
    struct tm date = {0};
    if (!has_form_of_date(text) ||
        sscanf(text + 5, "%2d %3s %4d %2d:%2d:%2d", &date.tm_mday, month, &date.tm_year,
               &date.tm_hour, &date.tm_min, &date.tm_sec) != 6)
        return false;
    date.tm_mon = month_of(month);
    date.tm_year -= 1900;
    if (date.tm_mon < 0 || date.tm_mday < 1 || date.tm_mday > 31 || date.tm_hour > 23 ||
        date.tm_min > 59 || date.tm_sec > 60)
        return false;
    *out = timegm(&date);
    return true;
}

static int64_t parse_seconds(const char *text)
{
    int64_t seconds = 0;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9' || seconds > INT64_MAX / 100000)
            return -1;
        seconds = seconds * 10 + (*at - '0');
    }
    return *text ? seconds : -1;
}

int64_t retry_after_ms(const char *text, time_t now)
{
    int64_t seconds = parse_seconds(text);
    if (seconds >= 0)
        return seconds * 1000;
    time_t date;
    if (!retry_parse_date(text, &date))
        return -1;
    return date > now ? (int64_t)(date - now) * 1000 : 0;
}

int64_t retry_pause_ms(int attempt, const char *retry_after, time_t now, unsigned random)
{
    int64_t asked = retry_after ? retry_after_ms(retry_after, now) : -1;
    if (asked > RETRY_AFTER_MAX)
        return -1;
    int64_t pause = RETRY_FIRST_MS;
    for (int i = 0; i < attempt && pause < RETRY_PAUSE_MAX; i++)
        pause *= 2;
    if (pause > RETRY_PAUSE_MAX)
        pause = RETRY_PAUSE_MAX;
    if (asked >= 0) /* not all at once: requests that were refused together would be so again */
        return asked + (int64_t)(random % (unsigned)(pause + 1));
    return pause / 2 + (int64_t)(random % (unsigned)(pause / 2 + 1));
}
