/* The texts that come from a command's table, for help, man pages, completions and errors. */
#ifndef WASME_CMD_USAGE_H
#define WASME_CMD_USAGE_H

#include "cmd/command.h"

/* The caller frees each text of type char *. */

/* The arguments as help shows them: "SOURCE TARGET", "[SERVER]", "REF..."; "": there are none. */
char *usage_synopsis(const struct command *command);
/* The values as a list: "oci, compat, docker or cncf". */
char *usage_values(const char *(*values)(size_t at));
/* A line of help: the help of the table, the values, whether the option is required or may be
 * repeated, and its default. */
char *usage_option_help(const struct option *option);
/* A line of help: the help of the table, the values if they have no lines of their own, and the
 * value that counts without the argument. */
char *usage_positional_help(const struct positional *positional);
/* The heading of a group. */
const char *usage_group_title(enum option_group group);
/* The first option of the group behind `after`, or, for NULL, of all; NULL: there is no other. */
const struct option *usage_next(const struct command *command, enum option_group group,
                                const struct option *after);

#endif
