/* Regular expressions of tests, compiled for regexec(3). */
#ifndef WASME_CMD_RUN_PATTERN_H
#define WASME_CMD_RUN_PATTERN_H

#include <regex.h>

#include "base/err.h"

enum {
    PATTERN_MAX = 1000,        /* bytes of an expression */
    PATTERN_REPEAT_MAX = 1000, /* of one {N,M}, as in RE2 */
    PATTERN_NODES_MAX = 1000,  /* of a repetition that is written out; fewer when one has another */
    PATTERN_HEIGHT_MAX = 5,    /* repetitions within repetitions */
    PATTERN_DEPTH_MAX = 100,   /* groups within groups */
};

/*
 * Compiles a POSIX extended expression that has to match a whole text. The expression may be one
 * that is written for RE2 as well (https://github.com/google/re2/wiki/Syntax): (?:), and \d, \w,
 * \s, \n, \t and escaped signs, in sets, too, and a brace that begins no repetition. ERR_USAGE: the
 * text is no expression, has something of RE2 that POSIX lacks, or is too large.
 */
int pattern_compile(const char *text, regex_t *out, struct err *err);

#endif
