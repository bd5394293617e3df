/* What callers ask of a module that has been read; the reader asks it, too. */
#include "module/module.h"

#include <string.h>

#include "base/mem.h"

const char *module_kind_name(enum extern_kind kind)
{
    static const char *const names[] = {"func", "table", "memory", "global", "tag"};
    return (size_t)kind < COUNT(names) ? names[kind] : "unknown";
}

const struct module_export *module_find_export(const struct module *module, enum extern_kind kind,
                                               const char *name)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind == kind && strcmp(module->exports[i].name, name) == 0)
            return &module->exports[i];
    }
    return NULL;
}

const struct module_type *module_func_type(const struct module *module, uint32_t func)
{
    return &module->types[module->funcs[func]];
}
