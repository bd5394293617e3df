/* The known name that is nearest to a mistyped one. */
#ifndef WASME_CMD_SUGGEST_H
#define WASME_CMD_SUGGEST_H

#include <stddef.h>

/* The search for the nearest name. `given` is set at the start; suggest_consider() is called with
 * each known name. */
struct suggestion {
    const char *given;
    const char *nearest; /* lent; NULL: no name so far is near */
    size_t distance;
};
void suggest_consider(struct suggestion *suggestion, const char *name);

/* The nearest of the values of a closed set (see struct positional); NULL: none is near. */
const char *suggest_value(const char *(*values)(size_t at), const char *given);

#endif
