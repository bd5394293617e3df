/* TinyGo: Go sources, compiled with the flags that fit the installed TinyGo. */
#ifndef WASME_TOOLCHAIN_TINYGO_H
#define WASME_TOOLCHAIN_TINYGO_H

#include "toolchain/builder.h"

extern const struct builder tinygo_builder;

#endif
