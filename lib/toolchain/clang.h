/* C and C++ by clang and a C library for WASI. */
#ifndef WASME_TOOLCHAIN_CLANG_H
#define WASME_TOOLCHAIN_CLANG_H

#include "toolchain/args.h"
#include "toolchain/builder.h"

extern const struct builder clang_builder;

struct clang_kit;
struct clang_source;

/* The texts that a command is made of besides those of the source. */
struct clang_command {
    char *target, *sysroot, *include, *intrinsics, *output, *exports, *imports;
};
void clang_command_release(struct clang_command *command); /* usable with AUTO() */

/* The command that compiles and links the source; `args` borrows from everything given, and from
 * `texts`, which become those that the command needs. `output`, `exports` and `imports` are set
 * before. */
void clang_command(const struct clang_kit *kit, const struct clang_source *source,
                   const char *const *extra, struct clang_command *texts, struct args *args);

#endif
