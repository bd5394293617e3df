/* The known name that is nearest to a mistyped one. */
#ifndef WASME_CMD_SUGGEST_H
#define WASME_CMD_SUGGEST_H

#include "cmd/option.h"

/* NULL when nothing is near; static text. */
const char *suggest_option(const struct command *command, const char *given);
const char *suggest_command(const char *given);
/* Among words separated by single spaces; hands over a copy, or NULL. */
char *suggest_word(const char *words, const char *given);

#endif
