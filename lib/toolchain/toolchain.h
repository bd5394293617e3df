/*
 * Toolchains: each builder turns a source folder into a WebAssembly file by running the
 * language's own compiler, with the command that fits the installed version.
 */
#ifndef WASME_TOOLCHAIN_TOOLCHAIN_H
#define WASME_TOOLCHAIN_TOOLCHAIN_H

#include <stdbool.h>

#include "base/err.h"
#include "base/notice.h"

/* What to build, and where to put it. All is lent. */
struct build_request {
    const char *source;          /* folder; for precompiled a .wasm file */
    const char *work_dir;        /* a folder for output and for the tool's temporary files, which
                                    may hold those of an earlier run; NULL for a builder that needs
                                    none */
    const char *const *extra;    /* NULL-terminated flags for the tool, after its own; or NULL */
    const struct notice *notice; /* told the version found and the command chosen */
    /* Told the command just before it runs: a line as one could type it into a shell. */
    void (*command)(void *arg, const char *line);
    void *command_arg;
    /* A signal's number ends the tool by that signal, and the build with ERR_INTERRUPTED; or NULL.
     */
    const volatile int *interrupted;
    const char
        *cargo_target; /* what the environment asks cargo for (CARGO_BUILD_TARGET), or NULL */
};

struct builder {
    const char *name;    /* the word on the command line */
    const char *alias;   /* a second word, or NULL */
    const char *summary; /* for help: at most 50 characters */
    bool needs_work_dir;
    /* What to do when the module that was made exports no ABI version: the end of a sentence. NULL
     * for a builder that makes none. */
    const char *no_abi;
    /* Builds; hands over the path of the .wasm file, which the caller frees. A failure names the
     * program, its exit status, and how to get it or what to do. */
    int (*build)(const struct build_request *request, char **wasm_path, struct err *err);
};

extern const struct builder *const builders[]; /* NULL-terminated */
/* By name or alias; NULL when there is none. */
const struct builder *builder_find(const char *name);

#endif
