/* Parsing the words of the command line by the table of a command. */
#ifndef WASME_CMD_OPTION_H
#define WASME_CMD_OPTION_H

#include "cmd/command.h"

/*
 * Parses the words behind the name of cli->command, which the caller has set, into `cli` and
 * `args`. `args` comes zeroed; options that are not given get their defaults. Options may stand
 * anywhere before "--"; a value may be given as --name=value, --name value, -nvalue or -n value.
 * Errors are ERR_USAGE.
 */
int options_parse(struct cli *cli, int argc, const char *const *argv, void *args, struct err *err);
/* Frees the memory that parsing allocated in `cli` and in the lists of `args`. */
void options_release(struct cli *cli, void *args);

#endif
