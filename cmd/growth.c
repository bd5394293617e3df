#include "cmd/growth.h"

#include <string.h>

#include "cmd/size.h"

static const char option[] = "--max-growth";

/* Reads "2.5" into 2500; false: that is no number of at most six digits, and three behind the
 * point. */
static bool parse_thousandths(const char *text, size_t len, long long *out)
{
    size_t whole = strspn(text, "0123456789");
    long long value = 0;
    size_t at = 0, digits = 0;
    for (; at < whole; at++)
        value = value * 10 + (text[at] - '0');
    if (whole == 0 || whole > 6)
        return false;
    if (text[at] == '.') {
        digits = strspn(text + ++at, "0123456789");
        if (digits == 0 || digits > 3)
            return false;
    }
    for (size_t i = 0; i < 3; i++)
        value = value * 10 + (i < digits ? text[at + i] - '0' : 0);
    *out = value;
    return at + digits == len;
}

int growth_parse(const char *text, struct growth *out, struct err *err)
{
    size_t len = strlen(text);
    *out = (struct growth){.percent = len && text[len - 1] == '%'};
    if (!out->percent)
        return size_parse(option, text, &out->most, err);
    if (!parse_thousandths(text, len - 1, &out->most))
        return err_set(err, ERR_USAGE,
                       "%s: \"%.40s\" is no percentage: write 5%% or 2.5%%, or a size as 64kB",
                       option, text);
    return 0;
}

bool growth_allows(const struct growth *growth, long long before, long long after)
{
    long long grown = after - before;
    if (!growth->percent)
        return grown <= growth->most;
    return (double)grown * 100000 <= (double)growth->most * (double)before;
}
