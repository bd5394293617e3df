/* Help, made from the tables. */
#ifndef WASME_CMD_HELP_H
#define WASME_CMD_HELP_H

#include <stdio.h>

#include "cmd/option.h"

void help_print_overview(FILE *out);
void help_print_command(const struct command *command, FILE *out);

#endif
