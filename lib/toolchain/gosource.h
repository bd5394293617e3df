/* The facts about Go sources that the choice of a compiler's flags depends on. */
#ifndef WASME_TOOLCHAIN_GOSOURCE_H
#define WASME_TOOLCHAIN_GOSOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Whether the text of a go.mod requires the module (Go Modules Reference, "require directive"). */
bool gosource_requires(const char *mod, const char *module);

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
 * it, or no Go file that the build takes; in the last case the error names folders below that have
 * a func main. */
int gosource_open(const char *folder, const struct gobuild *build, struct gosource *out,
                  struct err *err);

/* The advice about a main that is not called, printed behind a colon. */
#define GOSOURCE_MAIN_FIX "initialise in func init(), and leave main empty"

#endif
