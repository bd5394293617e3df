/* Making a module faster and smaller with wasm-opt of binaryen. */
#ifndef WASME_TOOLCHAIN_OPTIMIZE_H
#define WASME_TOOLCHAIN_OPTIMIZE_H

#include <stdbool.h>

#include "base/err.h"
#include "module/module.h"
#include "toolchain/args.h"
#include "toolchain/builder.h"

/* Asks wasm-opt for its version, "wasm-opt 108", which the caller frees. ERR_NOT_FOUND, with the
 * package to install, when there is no wasm-opt. */
int optimize_find(const struct build_request *request, char **name, struct err *err);

/* What to optimize. All is lent. */
struct optimize_job {
    const char *path; /* does not begin with '-' */
    const char *name; /* of optimize_find() */
    bool names;       /* keep the "name" section */
};

/*
 * Runs wasm-opt on the module, whose file stays as it is, and hands over the path of the new
 * module in the request's work_dir, which the caller frees. The instructions of the result are of
 * the extensions that the module uses already, so a host that loads the one loads the other.
 * Debug information is always lost, since it would
 * describe the old code. A module with machine code for a host ("precompiled_*") is refused: that
 * code would be old. Of the request the members source and extra do not matter.
 */
int optimize_module(const struct build_request *request, const struct optimize_job *job, char **out,
                    struct err *err);

/* For tests: adds the flags that allow a set of enum feature, and no other extension. */
void optimize_add_features(uint32_t features, struct args *args);

#endif
