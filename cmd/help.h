/* Help, made from the tables. */
#ifndef WASME_CMD_HELP_H
#define WASME_CMD_HELP_H

#include <stdio.h>

#include "cmd/command.h"

/* `commands` is NULL-terminated. */
void help_print_overview(const struct command *const *commands, FILE *out);
void help_print_command(const struct command *command, FILE *out);

#endif
