/* The table of all commands, in the order of `wasme help`. main.c alone uses this table; a command
 * finds all commands in its struct cli. */
#ifndef WASME_CMD_COMMANDS_H
#define WASME_CMD_COMMANDS_H

#include "cmd/command.h"

extern const struct command *const commands[]; /* NULL-terminated */

#endif
