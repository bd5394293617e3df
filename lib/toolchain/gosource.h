/* What the choice of flags needs to know of Go sources. */
#ifndef WASME_TOOLCHAIN_GOSOURCE_H
#define WASME_TOOLCHAIN_GOSOURCE_H

#include <stdbool.h>

#include "base/err.h"

/* Fails when neither the folder nor one above it has a go.mod. Hands over its path. */
int gosource_find_mod(const char *folder, char **path, struct err *err);
/* Whether the text of a go.mod requires the module (Go Modules Reference, "require directive"). */
bool gosource_requires(const char *mod, const char *module);

enum gosource_main {
    GO_MAIN_NONE,  /* no func main */
    GO_MAIN_EMPTY, /* func main() {} */
    GO_MAIN_CODE,  /* it does something, and so has to be called */
};

/* The func main in one Go file's text. */
enum gosource_main gosource_main_in(const char *text);
/* The same of all .go files in the folder but the tests; build constraints are not looked at. */
enum gosource_main gosource_main_of(const char *folder);

#endif
