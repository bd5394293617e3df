/* A .wasm file that another tool has made: nothing is compiled. */
#ifndef WASME_TOOLCHAIN_PRECOMPILED_H
#define WASME_TOOLCHAIN_PRECOMPILED_H

#include "toolchain/builder.h"

extern const struct builder precompiled_builder;

#endif
