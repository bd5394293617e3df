/* The facts about Go sources that the choice of a compiler's flags depends on. */
#ifndef WASME_TOOLCHAIN_GOSOURCE_H
#define WASME_TOOLCHAIN_GOSOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Whether the text of a go.mod requires the module (Go Modules Reference, "require directive"). */
bool gosource_requires(const char *mod, const char *module);

/* Whether it is the go.mod of the module itself, as for the examples of an SDK. */
bool gosource_is_module(const char *mod, const char *module);

enum gosource_main {
    GO_MAIN_NONE,  /* no func main */
    GO_MAIN_EMPTY, /* func main() {} */
    GO_MAIN_CODE,  /* a func main that does something, and so has to be called */
};

/* Finds the func main in the text of one Go file. */
enum gosource_main gosource_main_in(const char *text);

/* A folder of Go source, as far as a build takes its files. */
struct gosource {
    char *mod; /* the text of the go.mod there or above; owned; NULL: not readable */
    size_t files;
    size_t unread;           /* files of these that could not be read */
    char *left_out;          /* a file that the build does not take, and why; owned; or NULL */
    enum gosource_main main; /* the highest of all files */
    bool wasmexport;         /* one of the files has a "//go:wasmexport" */
    bool export;             /* one of the files has an "//export" */
};
void gosource_release(struct gosource *source); /* usable with AUTO() */

#define GOSOURCE_BELOW_MAX 8 /* folders that an error names */

struct gobuild;
/* Adds what the files in the folder have, without the go.mod. */
void gosource_look(const char *folder, const struct gobuild *build, struct gosource *out);
/* Reads the folder. An error says what to do when there is no such folder, no go.mod in it or above
 * it, no Go file that the build takes, or no func main in these; in the last two cases the error
 * names folders below that have one. */
int gosource_open(const char *folder, const struct gobuild *build, struct gosource *out,
                  struct err *err);

/* The advice about a main that is not called, printed behind a colon. */
/* What both compilers say of the modules that a source needs: entries of a list of struct
 * tool_symptom. */
#define GOSOURCE_SYMPTOMS                                                                          \
    {"no required module provides package",                                                        \
     "run `go mod tidy` in the source folder, which adds it to go.mod"},                           \
        {"missing go.sum entry", "run `go mod tidy` in the source folder"},                        \
        {"updates to go.mod needed", "run `go mod tidy` in the source folder"},                    \
        {"inconsistent vendoring", "run `go mod vendor` in the source folder"},                    \
        {"not one of the workspace modules",                                                       \
         "run `go work use .` in the folder of the source, or build with GOWORK=off"},             \
        {"module lookup disabled by GOPROXY=off",                                                  \
         "set GOPROXY to a proxy that this machine reaches, or run `go mod vendor` where one is"}, \
    {                                                                                              \
        "dial tcp", "the modules in go.mod cannot be fetched: set GOPROXY to a proxy that this "   \
                    "machine reaches, or run `go mod vendor` where one is"                         \
    }

#define GOSOURCE_MAIN_FIX "initialise in func init(), and leave main empty"

#endif
