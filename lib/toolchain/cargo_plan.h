/* Why cargo cannot build a project with the installed Rust. */
#ifndef WASME_TOOLCHAIN_CARGO_PLAN_H
#define WASME_TOOLCHAIN_CARGO_PLAN_H

#include "toolchain/tool.h"

/* The first package in the output of `cargo metadata` that requires a newer Rust than the version:
 * a sentence, which the caller frees; NULL: there is none. */
char *cargo_plan_too_new(const char *plan, const char *rustc_version);
/* Asks cargo for its plan after a build that failed with `rc`. A plan that cannot be made, or that
 * wants a newer Rust, replaces the error. */
int cargo_plan_explain(const struct build_request *request, const struct tool *cargo, int rc,
                       struct err *err);

#endif
