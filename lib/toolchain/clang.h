/* C and C++ by clang and a C library for WASI: so far only whether these are there. */
#ifndef WASME_TOOLCHAIN_CLANG_H
#define WASME_TOOLCHAIN_CLANG_H

#include "toolchain/builder.h"

extern const struct builder clang_builder;

#endif
