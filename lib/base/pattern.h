/* Regular expressions of PCRE2. What is written for RE2 means the same, but that the dot matches
 * ends of lines, too. */
#ifndef WASME_BASE_PATTERN_H
#define WASME_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { PATTERN_MAX = 10000 }; /* bytes of an expression */

enum pattern_verdict { PATTERN_NONE, PATTERN_MATCHES, PATTERN_GAVE_UP };

struct pattern;

/* Compiles an expression that has to match the `whole` text, or else a part of it; `*out` is
 * pattern_free_at()'s. ERR_USAGE: the text is no expression, or too large. ERR_NOT_FOUND: PCRE2 is
 * not installed. */
int pattern_compile(const char *text, bool whole, struct pattern **out, struct err *err);
void pattern_free_at(struct pattern **pattern); /* usable with AUTO() */
/* Compares a text, in which bytes that are no UTF-8 match nothing. PATTERN_GAVE_UP: that would take
 * more work, memory or time than its bound. */
enum pattern_verdict pattern_match(const struct pattern *pattern, const char *text, size_t len);

#endif
