/*
 * The completion scripts of the shells, made from the commands' tables. References of local images
 * come from the hidden command `wasme __complete` while the user types.
 */
#ifndef WASME_COMPLETIONS_COMPLETIONS_H
#define WASME_COMPLETIONS_COMPLETIONS_H

#include <stdio.h>

#include "cmd/command.h"

/* Each function prints the whole script of a shell for the NULL-terminated commands, without the
 * hidden ones. bash.c, zsh.c and fish.c have them. */
void completions_bash(const struct command *const *commands, FILE *out);
void completions_zsh(const struct command *const *commands, FILE *out);
void completions_fish(const struct command *const *commands, FILE *out);

/* The next command that users see, from `at` on, or NULL; a loop goes on at the result + 1. */
const struct command *const *completions_visible(const struct command *const *at);
/* The text with a backslash before each character of `special`; the caller frees it. */
char *completions_escape(const char *text, const char *special);

#endif
