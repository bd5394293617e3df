/* Go's own compiler, which makes WASI reactors since 1.24. */
#ifndef WASME_TOOLCHAIN_GO_H
#define WASME_TOOLCHAIN_GO_H

#include <stdbool.h>

#include "base/err.h"
#include "toolchain/args.h"
#include "toolchain/builder.h"
#include "toolchain/version.h"

/* Takes the version from the output of `go version`; false when there is none in it. */
bool go_read_version(const char *text, struct version *out);
/* Fails when the version is known and older than 1.24. */
int go_check_version(const struct version *version, struct err *err);
/* The whole command; `out` is the file to write, `extra` the user's flags or NULL. All is
 * borrowed. */
void go_command(const char *out, const char *const *extra, struct args *args);

extern const struct builder go_builder;

#endif
