/* Commands that take several arguments: one that fails does not keep the others. */
#ifndef WASME_CMD_EACH_H
#define WASME_CMD_EACH_H

#include "cmd/command.h"

/* How the arguments have fared so far. With a single argument its error is the result; with
 * several, each failure is logged as it comes, and the result counts them. */
struct each_result {
    const struct cli *cli;
    size_t failed;
    int worst;
    struct err only; /* owned; of a single argument */
};

/* One argument is done: `rc` is 0, or its failure with `err`, which is taken. */
void each_take(struct each_result *result, int rc, struct err *err);
int each_finish(struct each_result *result, struct err *err);
void each_result_release(struct each_result *result); /* usable with AUTO() */

/* Calls `one` for each argument. An interruption ends it at once. */
int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err);

#endif
