/* A request as curl's command line has it, for --check. */
#ifndef WASME_CMD_RUN_CHECK_WORDS_H
#define WASME_CMD_RUN_CHECK_WORDS_H

#include "cmd/run/trial.h"

/*
 * Reads "[curl] [METHOD] PATH|URL [-X METHOD] [-H 'Name: value'] [-d BODY] [-I]" into the trial,
 * with quotes and backslashes as in a shell; of a URL, the host is the request's Host. ERR_USAGE: a
 * word is not known.
 */
int check_words_read(const char *text, struct trial *trial, struct err *err);

#endif
