#include "cmd/suggest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many insertions, deletions, replacements and swaps of neighbours lead from one to the other. */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > WORD_MAX || lb > WORD_MAX)
        return WORD_MAX;
    size_t d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= la; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= lb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        for (size_t j = 1; j <= lb; j++) {
            size_t replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(replace, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[la][lb];
}

struct nearest {
    const char *given;
    const char *best;
    size_t distance;
};

static void consider(struct nearest *nearest, const char *name)
{
    size_t far = distance(nearest->given, name);
    size_t len = strlen(nearest->given);
    bool begins = len >= 2 && strncmp(name, nearest->given, len) == 0;
    if (begins)
        far = 1;
    if (far <= least(2, len / 2 + 1) && far < nearest->distance) {
        nearest->best = name;
        nearest->distance = far;
    }
}

const char *suggest_option(const struct command *command, const char *given)
{
    struct nearest nearest = {given, NULL, WORD_MAX};
    for (const struct option *o = command->options; o->kind != OPTION_END; o++)
        consider(&nearest, o->name);
    for (const struct option *o = common_options; o->kind != OPTION_END; o++)
        consider(&nearest, o->name);
    return nearest.best;
}

const char *suggest_value(const char *(*values)(size_t at), const char *given)
{
    struct nearest nearest = {given, NULL, WORD_MAX};
    for (size_t i = 0; values(i); i++)
        consider(&nearest, values(i));
    return nearest.best;
}
