/* The commands that `wasme init` prints at its end. */
#ifndef WASME_CMD_INIT_NEXT_H
#define WASME_CMD_INIT_NEXT_H

#include "cmd/init_platform.h"

struct init_next {
    const char *dir, *name;        /* the folder, and the name of the filter */
    const struct starter *starter; /* NULL: the files came from elsewhere */
    const struct init_platform *platform;
    struct init_fit fit;
};

/* Prints the way from the files to the platform. For a filter that the platform does not load, the
 * way is that to Envoy, and before it stands the command for one that the platform loads. */
void init_next_print(const struct init_next *next);

#endif
