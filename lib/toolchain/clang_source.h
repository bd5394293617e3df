/* The C and C++ files that a filter is built from, and the proxy-wasm C++ SDK that they include. */
#ifndef WASME_TOOLCHAIN_CLANG_SOURCE_H
#define WASME_TOOLCHAIN_CLANG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/notice.h"
#include "toolchain/builder.h"

#define CLANG_SOURCES_MAX 1024 /* files that a build takes, and flags of compile_flags.txt */

struct clang_list {
    char **items; /* owned, NULL-terminated when there is one */
    size_t count;
};

struct clang_source {
    char *folder;            /* owned; where the compiler runs */
    struct clang_list files; /* relative to the folder */
    /* The flags of compile_flags.txt (https://clang.llvm.org/docs/JSONCompilationDatabase.html,
     * "Alternatives"). */
    struct clang_list flags;
    size_t cxx; /* how many files are C++ */
    char *sdk;  /* owned: the folder of the C++ SDK as the compiler sees it; NULL: not included */
    bool sdk_in_flags;   /* ... where a flag -I names it */
    bool add_intrinsics; /* the SDK's own source is to be compiled, too */
};
void clang_source_release(struct clang_source *source); /* usable with AUTO() */

/*
 * Reads the folder: its C and C++ files, or those of src/ when it has none. A file whose name ends
 * in _test is left out, as `notice` is told. `source` may be one file, too. `flags` are the user's,
 * whose -I may name the SDK, as `variable` ("PROXY_WASM_CPP_SDK") may; each may be NULL.
 */
int clang_source_open(const char *source, const char *const *flags,
                      char *(*variable)(const char *name), const struct notice *notice,
                      struct clang_source *out, struct err *err);

/* Whether the source is C or C++: why, in words that follow "since" and that the caller frees;
 * NULL: it is not. */
char *clang_source_fits(const struct fit_request *request);

#endif
