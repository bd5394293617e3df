/* Finding the module among the files that a cargo build names (The Cargo Book, "External tools",
 * "JSON messages", compiler-artifact). */
#ifndef WASME_TOOLCHAIN_ARTIFACT_H
#define WASME_TOOLCHAIN_ARTIFACT_H

#include "base/err.h"

#define ARTIFACT_MAX 64 /* modules of one build; further ones are passed over */

/*
 * Finds the .wasm file of the project's only cdylib, and hands over its path. Where the project has
 * several, the file is that of the package whose Cargo.toml is `manifest` (an absolute path). No
 * such file, or several, is an error that says what to do. `messages` is the output of cargo: one
 * JSON object a line, between lines of other programs.
 */
int artifact_find(const char *messages, const char *manifest, char **path, struct err *err);

#endif
