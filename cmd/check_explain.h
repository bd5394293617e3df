/* `wasme check --explain HOST`: what a host offers to modules. */
#ifndef WASME_CMD_CHECK_EXPLAIN_H
#define WASME_CMD_CHECK_EXPLAIN_H

#include "cmd/command.h"

/* Prints the host of `text`, NAME or NAME:VERSION, for people or as a JSON object. ERR_USAGE: there
 * is no such host, or the command line names an image or file besides. */
int explain_host(const struct cli *cli, const char *text, bool json, struct err *err);

#endif
