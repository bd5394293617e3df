/* Sizes on the command line. */
#ifndef WASME_CMD_SIZE_H
#define WASME_CMD_SIZE_H

#include "base/err.h"

/* Reads "1000", "64kB", "256MiB": digits and a unit (k, M, G: powers of 1000; Ki, Mi, Gi: powers of
 * 1024; with or without a final B). The message of ERR_USAGE begins with `option`. */
int size_parse(const char *option, const char *text, long long *bytes, struct err *err);
/* "256MiB", or "256 MiB" if `gap` is " ", in the largest unit that leaves no fraction. The caller
 * frees the text. */
char *size_text(long long bytes, const char *gap);

#endif
