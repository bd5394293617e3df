#include "toolchain/toolchain.h"

#include <string.h>

#include "toolchain/assemblyscript.h"
#include "toolchain/cargo.h"
#include "toolchain/clang.h"
#include "toolchain/go.h"
#include "toolchain/precompiled.h"
#include "toolchain/tinygo.h"

const struct builder *const builders[] = {
    &tinygo_builder, &go_builder,          &cargo_builder, &assemblyscript_builder,
    &clang_builder,  &precompiled_builder, NULL,
};

const struct builder *builder_find(const char *name)
{
    for (const struct builder *const *at = builders; *at; at++) {
        const char *alias = (*at)->alias;
        if (strcmp((*at)->name, name) == 0 || (alias && strcmp(alias, name) == 0))
            return *at;
    }
    return NULL;
}
