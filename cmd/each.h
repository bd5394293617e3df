/* Commands that take several arguments: one that fails does not keep the others. */
#ifndef WASME_CMD_EACH_H
#define WASME_CMD_EACH_H

#include "cmd/option.h"

/*
 * Calls `one` for each argument. With a single argument its error is the result; with several, each
 * failure is logged as it comes and the result counts them. An interruption ends it at once.
 */
int each_arg(const struct cli *cli, int (*one)(void *arg, const char *text, struct err *err),
             void *arg, struct err *err);

#endif
