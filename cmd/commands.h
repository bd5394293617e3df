/* The table of all commands, in the order of `wasme help`. Only main.c knows it; a command that
 * needs the others finds them in struct cli. */
#ifndef WASME_CMD_COMMANDS_H
#define WASME_CMD_COMMANDS_H

#include "cmd/command.h"

extern const struct command *const commands[]; /* NULL-terminated */

#endif
