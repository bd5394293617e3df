/* The texts that come from a command's table, for help, man pages, completions and errors. */
#ifndef WASME_CMD_USAGE_H
#define WASME_CMD_USAGE_H

#include "cmd/command.h"

/* Every text of type char * is the caller's to free. */

/* How the arguments are written: "SOURCE TARGET", "[SERVER]", "REF..."; "" without any. */
char *usage_synopsis(const struct command *command);
/* "oci, compat, docker or cncf". */
char *usage_values(const char *(*values)(size_t at));
/* One line: the help, the values, whether the option is required or may be repeated, and its
 * default. */
char *usage_option_help(const struct option *option);
/* One line: the help, the values that have no line of their own, and what counts without it. */
char *usage_positional_help(const struct positional *positional);
/* The heading of a group. */
const char *usage_group_title(enum option_group group);
/* The first option of that group behind `after`, or the first of all for NULL; NULL: no other. */
const struct option *usage_next(const struct command *command, enum option_group group,
                                const struct option *after);

#endif
