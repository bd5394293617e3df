#include <string.h>

#include "base/mem.h"
#include "module/host/table.h"

/* The name of the ABI that a marker of some host stands for, or NULL. */
static const char *abi_of(const char *export)
{
    for (const struct host *const *host = host_table; *host; host++) {
        for (const struct host_marker *row = (*host)->rules->markers; row->export; row++) {
            if (strcmp(row->export, export) == 0)
                return row->name;
        }
    }
    return NULL;
}

static const char *first_abi(const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        const char *abi = export->kind == EXTERN_FUNC ? abi_of(export->name) : NULL;
        if (abi)
            return abi;
    }
    return NULL;
}

/* Does the module have one of the callbacks that each filter has? */
static bool has_callback(const struct module *module)
{
    return module_find_export(module, EXTERN_FUNC, "proxy_on_context_create") ||
           module_find_export(module, EXTERN_FUNC, "proxy_on_request_headers");
}

char *host_module_kind(const struct module *module)
{
    const char *abi = first_abi(module);
    if (module_find_export(module, EXTERN_FUNC, "proxy_abi_mosn_version_0_2_0"))
        return mem_dup("MOSN codec plugin");
    if (abi)
        return mem_printf("proxy-wasm filter, ABI %s", abi);
    if (has_callback(module))
        return mem_dup("proxy-wasm filter without an ABI version");
    if (module_find_export(module, EXTERN_FUNC, "_start"))
        return mem_dup("WASI command");
    if (module_find_export(module, EXTERN_FUNC, "_initialize"))
        return mem_dup("WASI reactor");
    return mem_dup("module");
}
