/* Passwords and tokens from the user: from standard input, or asked for on the terminal; and where
 * they must not go. */
#ifndef WASME_CMD_SECRET_H
#define WASME_CMD_SECRET_H

#include <stdbool.h>

#include "base/err.h"

#define SECRET_MAX (64 * 1024) /* bytes */
#define ANSWER_MAX 4095        /* bytes of a line that a terminal gives */

/*
 * From here on this process leaves no core file, and other processes of its user cannot look into
 * it. For commands that hold credentials, before they read any. Programs that are started are as
 * before: a limit on core files would be inherited, and does not count where a program takes them.
 */
void secret_guard(void);
/* All of standard input, without line ends behind it; `option` names who wants it. ERR_USAGE when
 * there is nothing, or too much. The caller wipes and frees it. */
int secret_from_stdin(const char *option, char **out, struct err *err);
/*
 * Asks on the terminal of this process, whatever standard input and output are; without `echo` what
 * is typed is not shown. The terminal is as before on every way out. ERR_INTERRUPTED after Ctrl-C,
 * ERR_UNSUPPORTED when there is no terminal. The caller wipes and frees the answer.
 */
int secret_ask(const char *question, bool echo, char **out, struct err *err);

#endif
