/* The clang that builds filters, and what it needs besides itself: a C library for WASI, the linker
 * wasm-ld and the compiler's own library, for C++ also libc++. */
#ifndef WASME_TOOLCHAIN_CLANG_KIT_H
#define WASME_TOOLCHAIN_CLANG_KIT_H

#include <stdbool.h>

#include "base/err.h"
#include "toolchain/tool.h"
#include "toolchain/version.h"

/* Where to look. All is lent. */
struct clang_search {
    struct tool_place place;
    /* A variable of the environment, as getenv(); NULL: the tools are not those of this machine. */
    char *(*variable)(const char *name);
    const char *const *flags; /* the user's: they may name a target or a sysroot; or NULL */
};

#define CLANG_OLDEST 14 /* the linker of this version has --export-if-defined */

struct clang_kit {
    char *program; /* owned: "clang", or a path */
    struct version version;
    const char *target;  /* "wasm32-wasip1" or "wasm32-wasi" */
    const char *sysroot; /* NULL: the compiler finds the C library by itself */
};
void clang_kit_release(struct clang_kit *kit); /* usable with AUTO() */

extern const struct tool clang_tool;

/*
 * Finds the compiler: that of the wasi-sdk which WASI_SDK_PATH names, a clang that CC names, a
 * wasi-sdk in /opt, or the clang in PATH. ERR_NOT_FOUND: there is no clang. ERR_UNSUPPORTED: it
 * cannot build filters as it is, and behind the ": " in the message is the remedy. On that error,
 * too, program and version are set.
 */
int clang_kit_open(const struct clang_search *search, struct clang_kit *out, struct err *err);
/* Fails with ERR_UNSUPPORTED in the same way when there is no C++ library. */
int clang_kit_check_cxx(const struct clang_search *search, const struct clang_kit *kit,
                        struct err *err);

#endif
