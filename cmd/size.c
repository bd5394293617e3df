#include "cmd/size.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static long long unit_of(const char *text)
{
    static const struct {
        const char *name;
        long long bytes;
    } units[] = {
        {"", 1},         {"B", 1},          {"k", 1000},        {"kB", 1000},     {"M", 1000000},
        {"MB", 1000000}, {"G", 1000000000}, {"GB", 1000000000}, {"Ki", 1 << 10},  {"KiB", 1 << 10},
        {"Mi", 1 << 20}, {"MiB", 1 << 20},  {"Gi", 1 << 30},    {"GiB", 1 << 30},
    };
    for (size_t i = 0; i < COUNT(units); i++)
        if (strcasecmp(text, units[i].name) == 0)
            return units[i].bytes;
    return 0;
}

int size_parse(const char *option, const char *text, long long *bytes, struct err *err)
{
    size_t digits = strspn(text, "0123456789");
    long long unit = unit_of(text + digits);
    long long number = 0;
    for (size_t i = 0; i < digits && number < LLONG_MAX / 100; i++)
        number = number * 10 + (text[i] - '0');
    if (!digits || digits > 18 || !unit || number > LLONG_MAX / unit)
        return err_set(err, ERR_USAGE, "%s: \"%.40s\" is no size: write 1000, 64kB or 256MiB",
                       option, text);
    *bytes = number * unit;
    return 0;
}

char *size_text(long long bytes, const char *gap)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    size_t unit = 0;
    for (; bytes && bytes % 1024 == 0 && unit + 1 < COUNT(units); unit++)
        bytes /= 1024;
    return mem_printf("%lld%s%s", bytes, gap, units[unit]);
}
