/* Help, made from the tables. */
#ifndef WASME_CMD_HELP_H
#define WASME_CMD_HELP_H

#include <stdio.h>

#include "cmd/option.h"

void help_print_overview(FILE *out);
void help_print_command(const struct command *command, FILE *out);
/* "-t, --tag REF", as help and the man pages show it; the caller frees it. */
char *help_option_label(const struct option *option);

#endif
