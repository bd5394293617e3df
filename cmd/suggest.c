#include "cmd/suggest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 32 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The least number of insertions, deletions, replacements and swaps of neighbours that make `b` of
 * `a`. */
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

void suggest_consider(struct suggestion *suggestion, const char *name)
{
    size_t far = distance(suggestion->given, name);
    size_t len = strlen(suggestion->given);
    bool begins = len >= 2 && strncmp(name, suggestion->given, len) == 0;
    if (begins)
        far = 1;
    if (far > least(2, len / 2 + 1) || (suggestion->nearest && far >= suggestion->distance))
        return;
    suggestion->nearest = name;
    suggestion->distance = far;
}

const char *suggest_value(const char *(*values)(size_t at), const char *given)
{
    struct suggestion suggestion = {.given = given};
    for (size_t i = 0; values(i); i++)
        suggest_consider(&suggestion, values(i));
    return suggestion.nearest;
}
