/* Standard output, with a memory of the first error: stdio forgets why an earlier write failed. */
#ifndef WASME_CMD_STDOUT_H
#define WASME_CMD_STDOUT_H

#include <stdbool.h>

#include "base/err.h"

/* Keeps errors of `stdout` from now on; the buffering stays the same. */
void stdout_watch(void);
/* Writes the rest of the buffer. ERR_CLOSED: the reader has gone. */
int stdout_finish(struct err *err);
/* Whether standard output is a pipe without a reader. */
bool stdout_is_closed(void);

#endif
