/* Commands that do the same to several images: a failure of one does not stop the others. */
#ifndef WASME_CMD_EACH_H
#define WASME_CMD_EACH_H

#include "cmd/command.h"

/* The outcome so far. The error of a single item becomes the error of the command; of several
 * items, each failure is logged when it happens, and the error of the command counts them. */
struct each_result {
    const char *command;
    size_t count; /* of all items */
    size_t failed;
    int worst;
    struct err only; /* owned; of a single item */
};

/* An item is done: `rc` is 0, or the code of its failure `err`, which is taken over. */
void each_take(struct each_result *result, int rc, struct err *err);
int each_finish(struct each_result *result, struct err *err);
void each_result_release(struct each_result *result); /* usable with AUTO() */

/* Calls `one` for each argument; an interruption ends the command at once. */
int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err);

#endif
