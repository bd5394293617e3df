/*
 * What a language is to wasme: one `struct builder`, which its own file defines.
 *
 * A new language is a file here with its builder, and a line in the list of toolchain.c. `wasme
 * build`, its help, the completions and `wasme doctor` follow that list.
 */
#ifndef WASME_TOOLCHAIN_BUILDER_H
#define WASME_TOOLCHAIN_BUILDER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/notice.h"

struct container; /* toolchain/container.h */

/* What to build, and where to put it. All is lent. */
struct build_request {
    const char *source; /* a folder; for precompiled a .wasm file */
    /* A folder for the output and for the tool's temporary files, which may hold those of an
     * earlier run; NULL for a builder that needs none. */
    const char *work_dir;
    const char *const *extra;    /* NULL-terminated flags for the tool, after its own; or NULL */
    const struct notice *notice; /* told the version found and the command chosen */
    /* Told the command just before it runs: a line as one could type it into a shell. */
    void (*command)(void *arg, const char *line);
    void *command_arg;
    /* A signal's number ends the tool by that signal, and the build with ERR_INTERRUPTED; or
     * NULL. */
    const volatile int *interrupted;
    char *(*variable)(const char *name); /* a variable of the environment, as getenv() */
    struct container *container;         /* where the tools are and run; NULL: on this machine */
};

struct survey;         /* toolchain/survey.h */
struct survey_finding; /* the same */

struct builder {
    const char *name;    /* the word on the command line */
    const char *alias;   /* a second word, the language's when the first is a tool's; or NULL */
    const char *summary; /* for help: at most 50 characters */
    bool needs_work_dir; /* and a child that gets the signals of this program: it compiles */
    /* The advice for a module that exports no ABI version, printed behind "... so that no proxy
     * would load it: ". NULL for a builder that compiles nothing. */
    const char *no_abi;
    /* Builds, and hands over the path of the .wasm file, which the caller frees. A failure names
     * the program, its exit status, and how to get it or what to do. NULL: wasme does not build
     * that language yet, and only `wasme doctor` knows it. */
    int (*build)(const struct build_request *request, char **wasm_path, struct err *err);
    /* Runs the language's tools, asking for their versions, and tells what is there. What is wrong
     * with a tool is a finding; only ERR_INTERRUPTED is an error. NULL: no tool is needed. */
    int (*look)(const struct survey *survey, struct survey_finding *out, struct err *err);
};

#endif
