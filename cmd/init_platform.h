/* The proxy that `wasme init` is told, by the names of our hosts and by those of older wasmes. */
#ifndef WASME_CMD_INIT_PLATFORM_H
#define WASME_CMD_INIT_PLATFORM_H

#include <stddef.h>

#include "base/err.h"

/* "envoy", "istio", ..., "gloo"; NULL behind the last. */
const char *init_platform_name(size_t at);

/*
 * Reads a platform, NAME or NAME:VERSION, and a version, either of which may be NULL. `*out` becomes
 * a word for --host of `wasme check`, which the caller frees. A platform or version of which wasme
 * has no facts is warned of, and `*out` is then the nearest host. ERR_USAGE: the words contradict
 * each other, or a version has no platform.
 */
int init_platform(const char *platform, const char *version, char **out, struct err *err);

#endif
