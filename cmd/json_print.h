/* JSON on standard output. */
#ifndef WASME_CMD_JSON_PRINT_H
#define WASME_CMD_JSON_PRINT_H

#include "base/buf.h"
#include "base/err.h"

/* Prints the document and a line end, with characters that would steer a terminal as \uXXXX, which
 * means the same; ERR_FAILED, with `what` before it, when the buffer's limit was too small. */
int json_print(const struct buf *json, const char *what, struct err *err);

#endif
