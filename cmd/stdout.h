/* Standard output, of which the first error is kept: stdio forgets why an earlier write failed. */
#ifndef WASME_CMD_STDOUT_H
#define WASME_CMD_STDOUT_H

#include <stdbool.h>

#include "base/err.h"

/* From now on `stdout` is watched; it is buffered as it was. */
void stdout_watch(void);
/* Writes what is still buffered. ERR_CLOSED: whoever read has gone. */
int stdout_finish(struct err *err);
/* Whether standard output is a pipe that nobody reads any more. */
bool stdout_is_closed(void);

#endif
