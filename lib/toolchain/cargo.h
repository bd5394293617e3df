/* Rust by cargo, for the first WebAssembly target that the installed Rust has. */
#ifndef WASME_TOOLCHAIN_CARGO_H
#define WASME_TOOLCHAIN_CARGO_H

#include "base/err.h"
#include "toolchain/args.h"
#include "toolchain/builder.h"

/*
 * Chooses the target to build for: the first of wasm32-wasip1, wasm32-wasi (its name before
 * Rust 1.84) and wasm32-unknown-unknown that rustc knows and whose standard library is there.
 * `known` is the output of `rustc --print target-list`; `installed` says whether a target has its
 * library, and a code below 0 that it returns is returned. `*out` is a literal. An error tells how
 * to get the library.
 */
int cargo_choose_target(const char *known, int (*installed)(void *arg, const char *target),
                        void *arg, const char **out, struct err *err);
/* Puts the whole command together; `target` NULL adds none, and `extra` is the user's flags or
 * NULL. All is borrowed. */
void cargo_command(const char *target, const char *const *extra, struct args *args);

extern const struct builder cargo_builder;

#endif
