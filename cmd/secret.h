/* Passwords and tokens: read from standard input, or asked for on the terminal; and kept from other
 * processes. */
#ifndef WASME_CMD_SECRET_H
#define WASME_CMD_SECRET_H

#include <stdbool.h>

#include "base/err.h"

#define SECRET_MAX (64 * 1024) /* bytes */
#define ANSWER_MAX 4095        /* bytes in a line of a terminal */

/*
 * From now on this process leaves no core file, and other processes of its user cannot look into
 * its memory. A command that holds credentials calls this function before it reads any. Child
 * processes are not affected. A limit on core files would not do: children would inherit the limit,
 * and a system that hands core files to a program ignores it.
 */
void secret_guard(void);
/* Reads all of standard input, without the line ends behind it; `option` names the option in
 * errors. ERR_USAGE: there is nothing, or too much. The caller wipes and frees the text. */
int secret_from_stdin(const char *option, char **out, struct err *err);
/*
 * Asks on the terminal of this process, even if standard input and output are others; without
 * `echo` the answer is not shown. The terminal is as before when the function returns.
 * ERR_INTERRUPTED after Ctrl-C; ERR_UNSUPPORTED: there is no terminal. The caller wipes and frees
 * the answer.
 */
int secret_ask(const char *question, bool echo, char **out, struct err *err);

#endif
