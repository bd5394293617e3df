/* A file that a command makes at the user's word: `pull -o`, `save -o`. */
#ifndef WASME_CMD_OUTPUT_H
#define WASME_CMD_OUTPUT_H

#include <stdbool.h>

#include "base/err.h"

struct output {
    const char *path; /* lent, as given; NULL: there is none */
    bool is_stdout;
    int fd;       /* owned; what to write to */
    char *target; /* owned; the file that appears at the end; NULL: what is written to is there */
    char *folder; /* owned; of the target */
};

#define OUTPUT_INIT                                                                                \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/*
 * Opens a file without a name in the folder of `path`, to which a symbolic link leads. "-" is
 * standard output (ERR_USAGE when that is a terminal); a pipe or a device of that name is written
 * to as it is.
 */
int output_open(struct output *output, const char *path, struct err *err);
/* Gives the whole file its name, in place of what was there, whose mode it takes, and whose
 * owner, where we may. */
int output_finish(struct output *output, struct err *err);
/* Writing to it failed with `rc`: that, or ERR_CLOSED when it was standard output and its reader
 * has gone. */
int output_failed(const struct output *output, int rc, struct err *err);
/* What was not finished is gone. */
void output_release(struct output *output); /* usable with AUTO() */

#endif
