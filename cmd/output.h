/* The file that the user names with --output: `pull -o`, `save -o`. */
#ifndef WASME_CMD_OUTPUT_H
#define WASME_CMD_OUTPUT_H

#include <stdbool.h>

#include "base/err.h"

struct output {
    const char *path; /* lent, as given; NULL: there is none */
    bool is_stdout;
    int fd;       /* owned; the descriptor to write to */
    char *target; /* owned; the file that appears at the end; NULL: `fd` writes to the place */
    char *folder; /* owned; the folder of the target */
};

#define OUTPUT_INIT                                                                                \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/*
 * Opens a nameless file in the folder of `path`; symbolic links are followed. "-" means standard
 * output (ERR_USAGE when that is a terminal). A pipe or device is written to directly.
 */
int output_open(struct output *output, const char *path, struct err *err);
/*
 * Takes the file `fd`, which nothing will change any more, in place of copying it: its bytes appear
 * under the name. False, and nothing has happened: the bytes have to be copied, since the file
 * would not be what a new file in that folder is (another file system, group, access list or
 * label).
 */
bool output_adopt(struct output *output, int fd);
/* Gives the finished file its name. A file of that name is replaced; the new file takes its mode
 * and, if the system allows, its owner. */
int output_finish(struct output *output, struct err *err);
/* The error after a write failed with `rc`: ERR_CLOSED, if standard output was written to and its
 * reader has gone; else `rc`. */
int output_failed(const struct output *output, int rc, struct err *err);
/* Releases the output. A file that was not finished disappears. */
void output_release(struct output *output); /* usable with AUTO() */

#endif
