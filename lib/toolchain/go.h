/* Go sources, compiled by Go's own compiler, which has been able to since Go 1.24. */
#ifndef WASME_TOOLCHAIN_GO_H
#define WASME_TOOLCHAIN_GO_H

#include "toolchain/args.h"
#include "toolchain/builder.h"

/* Puts the whole command together; `out` is the file to write, `extra` the user's flags or NULL.
 * All is borrowed. */
void go_command(const char *out, const char *const *extra, struct args *args);

extern const struct builder go_builder;

#endif
