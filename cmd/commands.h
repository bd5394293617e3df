/* All commands, in the order in which help shows them. */
#ifndef WASME_CMD_COMMANDS_H
#define WASME_CMD_COMMANDS_H

#include "cmd/option.h"

extern const struct command *const commands[]; /* NULL-terminated */

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);
/* The names that users see, in that order; NULL behind the last. */
const char *command_listed(size_t at);
/* Whether users see it: its name does not begin with '_'. */
bool command_visible(const struct command *command);
/* ERR_USAGE: no such command, with the nearest name. */
int command_unknown(const char *name, struct err *err);

#endif
