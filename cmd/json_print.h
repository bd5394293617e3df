/* JSON on standard output. */
#ifndef WASME_CMD_JSON_PRINT_H
#define WASME_CMD_JSON_PRINT_H

#include "base/buf.h"
#include "base/err.h"

/* Prints the document and a line end. A character that would steer a terminal is printed as \uXXXX,
 * which means the same in JSON. ERR_FAILED, with `what` before it: the document is larger than the
 * limit of its buffer. */
int json_print(const struct buf *json, const char *what, struct err *err);

#endif
