/* The size budget of `wasme diff`: the value of --max-growth. */
#ifndef WASME_CMD_GROWTH_H
#define WASME_CMD_GROWTH_H

#include <stdbool.h>

#include "base/err.h"

struct growth {
    bool percent;
    long long most; /* bytes, or thousandths of a per cent */
};

/* Reads "5%", "2.5%", or a size as size.h says. ERR_USAGE begins with --max-growth. */
int growth_parse(const char *text, struct growth *out, struct err *err);
/* May a file grow from so many bytes, at least 1, to so many? */
bool growth_allows(const struct growth *growth, long long before, long long after);

#endif
