/* Go's own compiler, which makes WASI reactors since 1.24. */
#ifndef WASME_TOOLCHAIN_GO_H
#define WASME_TOOLCHAIN_GO_H

#include "toolchain/args.h"
#include "toolchain/tool.h"
#include "toolchain/toolchain.h"
#include "toolchain/version.h"

/* From what `go version` prints; false when that says no version. */
bool go_read_version(const char *text, struct version *out);
/* Fails when the version is known and older than 1.24. */
int go_check_version(const struct version *version, struct err *err);
/* The whole command; `out` is the file to write, `extra` the user's flags or NULL. All is
 * borrowed. */
void go_command(const char *out, const char *const *extra, struct args *args);

/* Asks the Go in PATH; a go.mod where it runs may choose another than the installed one. */
int go_probe(const struct tool_place *place, struct version *version, struct err *err);

extern const struct tool go_tool;
extern const struct builder go_builder;

#endif
