/* The module among what a cargo build says it made (The Cargo Book, "External tools",
 * "JSON messages", compiler-artifact). */
#ifndef WASME_TOOLCHAIN_ARTIFACT_H
#define WASME_TOOLCHAIN_ARTIFACT_H

#include "base/err.h"

#define ARTIFACT_MAX 64 /* modules of one build that are told apart; further ones are not seen */

/*
 * `messages` is what cargo printed: one JSON object a line, between lines of other programs. Finds
 * the .wasm file of the one cdylib of the project's own; of several, that of the package whose
 * Cargo.toml is `manifest` (absolute). Hands over its path. None, or several, is an error that says
 * what to do.
 */
int artifact_find(const char *messages, const char *manifest, char **path, struct err *err);

#endif
