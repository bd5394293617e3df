#include "http/retry.h"

#include "base/http_date.h"

bool retry_wants(int status)
{
    if (status == 408 || status == 429)
        return true;
    return status >= 500 && status <= 599 && status != 501 && status != 505;
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
    if (!http_date_parse_fixed(text, &date))
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
    if (asked >= 0) /* spread: requests that return at the same moment would be refused again */
        return asked + (int64_t)(random % (unsigned)(pause + 1));
    return pause / 2 + (int64_t)(random % (unsigned)(pause / 2 + 1));
}
