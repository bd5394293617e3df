/* Sizes on the command line. */
#ifndef WASME_CMD_SIZE_H
#define WASME_CMD_SIZE_H

#include "base/err.h"

/* "1000", "64kB", "256MiB": digits and a unit (k, M, G: powers of 1000; Ki, Mi, Gi: of
 * 1024; with or without a final B). ERR_USAGE names `option`. */
int size_parse(const char *option, const char *text, long long *bytes, struct err *err);
/* "256MiB", or with " " for `gap` "256 MiB": in the largest unit that leaves no fraction. The caller
 * frees it. */
char *size_text(long long bytes, const char *gap);

#endif
