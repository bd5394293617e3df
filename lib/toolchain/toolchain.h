/*
 * Toolchains: each builder turns a source folder into a WebAssembly file by running the language's
 * own compiler, with the command that fits the installed version.
 */
#ifndef WASME_TOOLCHAIN_TOOLCHAIN_H
#define WASME_TOOLCHAIN_TOOLCHAIN_H

#include "toolchain/builder.h"

/* All languages, NULL-terminated, in the order of help and of `wasme doctor`. */
extern const struct builder *const builders[];
/* The builder with that name or alias; NULL when there is none. */
const struct builder *builder_find(const char *name);

#endif
