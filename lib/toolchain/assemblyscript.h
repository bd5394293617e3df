/* AssemblyScript, by the project's own script or by the project's compiler asc. */
#ifndef WASME_TOOLCHAIN_ASSEMBLYSCRIPT_H
#define WASME_TOOLCHAIN_ASSEMBLYSCRIPT_H

#include "toolchain/args.h"
#include "toolchain/builder.h"

extern const struct builder assemblyscript_builder;

struct assemblyscript_project;
struct assemblyscript_tools;

/* The command of the compiler, for a project without a script. `args` borrows from all. */
void assemblyscript_command(const struct assemblyscript_project *project,
                            const struct assemblyscript_tools *tools, const char *out,
                            const char *const *extra, struct args *args);

#endif
