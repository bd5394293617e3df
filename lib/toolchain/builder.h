/*
 * What a language is to wasme: one `struct builder`, which its own file defines.
 *
 * A new language is a file here with its builder, and a line in the list of toolchain.c. `wasme
 * build`, its help, the completions and `wasme doctor` follow that list.
 */
#ifndef WASME_TOOLCHAIN_BUILDER_H
#define WASME_TOOLCHAIN_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/notice.h"
#include "module/host/host.h"

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
    /* Gets what a compiler writes to its standard error, piece by piece; NULL: that goes to our
     * own, and no error explains what the compiler said. */
    void (*talk)(const void *data, size_t len);
    /* A signal's number ends the tool by that signal, and the build with ERR_INTERRUPTED; or
     * NULL. */
    const volatile int *interrupted;
    char *(*variable)(const char *name); /* a variable of the environment, as getenv() */
    struct container *container;         /* where the tools are and run; NULL: on this machine */
};

/* A source whose language is asked for. All is lent. */
struct fit_request {
    const char *source;
    bool is_folder;   /* detect_builder() sets it */
    bool in_image;    /* the tools are those of an image, so that nobody asks this machine's */
    const char *tags; /* build tags of Go; or NULL */
    char *(*variable)(const char *name); /* a variable of the environment, as getenv() */
    const volatile int *interrupted;     /* see struct build_request */
};

struct survey;         /* toolchain/survey.h */
struct survey_finding; /* the same */

/* What to do with a language's compiler about a module that a host refuses. */
struct builder_remedy {
    enum host_reason reason;
    bool also; /* the words follow the general advice and "or"; else they replace it */
    const char *words;
};

struct builder {
    const char *name;  /* the word on the command line */
    const char *alias; /* a second word for the same; or NULL */
    /* The language's word, when `name` is that of a tool; NULL: `name` is the language's. */
    const char *language;
    const char *summary; /* for help: at most 50 characters */
    bool needs_work_dir; /* and a child that gets the signals of this program: it compiles */
    /* The advice for a module that exports no ABI version, printed behind "... so that no proxy
     * would load it: ". NULL for a builder that compiles nothing. */
    const char *no_abi;
    /* How to build a module whose data has no paths of this machine, as those of messages have:
     * printed behind "...: ". NULL: nothing is known. */
    const char *no_paths;
    /* How the compiler is called in the section "producers" of a module; NULL: it does not say. */
    const char *producer;
    const struct builder_remedy *remedies; /* ended by one without words; or NULL */
    /* Which files make a source one of this language, for the error when no language fits. */
    const char *signs;
    /* Whether a source is one of this language: why, in words that follow "since" and that the
     * caller frees; NULL: it is not. */
    char *(*fits)(const struct fit_request *request);
    /* Builds, and hands over the path of the .wasm file, which the caller frees. A failure names
     * the program, its exit status, and how to get it or what to do. */
    int (*build)(const struct build_request *request, char **wasm_path, struct err *err);
    /* Runs the language's tools, asking for their versions, and tells what is there. What is wrong
     * with a tool is a finding; only ERR_INTERRUPTED is an error. NULL: no tool is needed. */
    int (*look)(const struct survey *survey, struct survey_finding *out, struct err *err);
};

#endif
