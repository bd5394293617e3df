/* The known name that is nearest to a mistyped one. */
#ifndef WASME_CMD_SUGGEST_H
#define WASME_CMD_SUGGEST_H

#include "cmd/option.h"

/* NULL when nothing is near; static text. */
const char *suggest_option(const struct command *command, const char *given);
/* Among the values of a closed set, as struct positional has them. */
const char *suggest_value(const char *(*values)(size_t at), const char *given);

#endif
