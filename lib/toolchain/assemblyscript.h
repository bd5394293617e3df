/* AssemblyScript: so far only whether its tools are there. */
#ifndef WASME_TOOLCHAIN_ASSEMBLYSCRIPT_H
#define WASME_TOOLCHAIN_ASSEMBLYSCRIPT_H

#include "toolchain/builder.h"

extern const struct builder assemblyscript_builder;

#endif
