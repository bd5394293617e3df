/* Files for the linker with the names of the proxy-wasm ABI. */
#ifndef WASME_TOOLCHAIN_CLANG_ABI_H
#define WASME_TOOLCHAIN_CLANG_ABI_H

#include "base/err.h"

/*
 * Writes two files into the folder, with the names that the known hosts have. `*exports` is a file
 * of flags for clang: each function that a host may call is exported where the source defines it,
 * also without an attribute, and malloc, by which hosts get memory. `*imports` is the list of the
 * functions that hosts offer, which may stay undefined. The caller frees the paths.
 */
int clang_abi_write(const char *folder, char **exports, char **imports, struct err *err);

#endif
