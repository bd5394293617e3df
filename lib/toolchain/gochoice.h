/* Whether Go sources are for Go's own compiler or for TinyGo. */
#ifndef WASME_TOOLCHAIN_GOCHOICE_H
#define WASME_TOOLCHAIN_GOCHOICE_H

#include <stdbool.h>

#include "toolchain/builder.h"
#include "toolchain/gosource.h"

/* What the choice depends on. All is lent. */
struct gochoice {
    const char *mod;               /* the text of the go.mod, or NULL */
    const struct gosource *go;     /* the files that Go's own compiler takes */
    const struct gosource *tinygo; /* the files that TinyGo takes */
    bool go_builds;                /* the installed Go is 1.24 or later, or its version not known */
    bool has_tinygo;               /* there is a TinyGo */
};

/* Whether TinyGo is the choice; `*why` gets words that follow "since", which the caller frees. */
bool gochoice_is_tinygo(const struct gochoice *facts, char **why);

/* The `fits` of both builders. */
char *gochoice_fits_go(const struct fit_request *request);
char *gochoice_fits_tinygo(const struct fit_request *request);

#define GOCHOICE_SIGNS "a go.mod or *.go"

#endif
