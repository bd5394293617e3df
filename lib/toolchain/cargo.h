/* Cargo: which target the installed Rust can build for. */
#ifndef WASME_TOOLCHAIN_CARGO_H
#define WASME_TOOLCHAIN_CARGO_H

#include "base/err.h"
#include "toolchain/args.h"
#include "toolchain/builder.h"

/*
 * The target to build for: the first of wasm32-wasip1, wasm32-wasi (its name before Rust 1.84) and
 * wasm32-unknown-unknown that stands in `known`, the lines of `rustc --print target-list`, and has
 * its standard library. `*out` is a literal. Failing tells how to get the library. A code that
 * `installed` returns below 0 is returned.
 */
int cargo_choose_target(const char *known, int (*installed)(void *arg, const char *target),
                        void *arg, const char **out, struct err *err);
/* The whole command; `target` NULL adds none. `extra` is the user's flags or NULL. All is
 * borrowed. */
void cargo_command(const char *target, const char *const *extra, struct args *args);

extern const struct builder cargo_builder;

#endif
