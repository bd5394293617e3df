/* Files of lines that a person or a small program writes. */
#ifndef WASME_SERVER_LINES_H
#define WASME_SERVER_LINES_H

#include <stddef.h>

#include "base/err.h"

/*
 * Calls `take` for each line that is neither empty nor begins with '#', without the blanks at its
 * ends; the line is overwritten afterwards, since it may hold a secret. Stops at the first error,
 * and puts "shown: line N: " before its message.
 */
int lines_each(const char *text, const char *shown,
               int (*take)(void *arg, const char *line, size_t number, struct err *err), void *arg,
               struct err *err);

#endif
