#include "cmd/commands.h"

#include "cmd/command_names.h"

#define DECLARE(name) extern const struct command name##_command;
COMMANDS(DECLARE)
HIDDEN_COMMANDS(DECLARE)

#define ADDRESS(name) &name##_command,
const struct command *const commands[] = {COMMANDS(ADDRESS) HIDDEN_COMMANDS(ADDRESS) NULL};
