/* The Go in PATH, and whether it builds filters. */
#ifndef WASME_TOOLCHAIN_GO_TOOL_H
#define WASME_TOOLCHAIN_GO_TOOL_H

#include "toolchain/survey.h"
#include "toolchain/tool.h"
#include "toolchain/version.h"

extern const struct tool go_tool;

/* Takes the version from the output of `go version`; false when there is none in it. */
bool go_read_version(const char *text, struct version *out);
/* Fails when the version is known and older than 1.24. */
int go_check_version(const struct version *version, struct err *err);
/* Asks the Go in PATH for its version; a go.mod in that place may choose another Go than the
 * installed one. */
int go_probe(const struct tool_place *place, struct version *version, struct err *err);
/* Whether the Go in PATH builds filters in that folder. A Go that does not tell its version counts
 * as able. */
bool go_builds_filters(const struct survey *survey, const char *folder);

#endif
