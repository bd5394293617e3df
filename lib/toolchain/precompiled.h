/* A module that is finished already. */
#ifndef WASME_TOOLCHAIN_PRECOMPILED_H
#define WASME_TOOLCHAIN_PRECOMPILED_H

#include "toolchain/builder.h"

extern const struct builder precompiled_builder;

#endif
