#include "module/host/standard.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/host/table.h"

enum { WORDS_MAX = 1024 };

static const struct host_function *find(const struct host_function *rows, const char *name)
{
    for (; rows->name; rows++) {
        if (strcmp(rows->name, name) == 0)
            return rows;
    }
    return NULL;
}

static const char *signature_of(const struct module_import *import)
{
    static const struct host_function *const wasi[] = {
        wasi_functions,        wasi_poll_functions,   wasi_raise_functions,
        wasi_accept_functions, wasi_socket_functions,
    };
    const struct host_function *row = NULL;
    if (strcmp(import->module, "env") == 0)
        row = find(envoy_functions, import->name);
    for (size_t i = 0; i < COUNT(wasi) && !row; i++) {
        if (strcmp(import->module, "wasi_snapshot_preview1") == 0 ||
            strcmp(import->module, "wasi_unstable") == 0)
            row = find(wasi[i], import->name);
    }
    return row ? row->signature : NULL;
}

static enum standard_fit compare(const struct module *module, uint32_t func, const char *expected,
                                 const char **signature)
{
    if (!expected)
        return STANDARD_UNKNOWN;
    if (type_has_signature(module_func_type(module, func), expected))
        return STANDARD_SAME;
    *signature = expected;
    return STANDARD_OTHER;
}

enum standard_fit standard_import(const struct module *module, const struct module_import *import,
                                  const char **signature)
{
    if (import->kind != EXTERN_FUNC)
        return STANDARD_UNKNOWN;
    return compare(module, import->index, signature_of(import), signature);
}

/* The ABI whose marker comes first among the exports; ABI_ANY when there is none. */
static unsigned abi_of(const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind != EXTERN_FUNC)
            continue;
        for (const struct host_marker *row = envoy_rules.markers; row->export; row++) {
            if (strcmp(row->export, module->exports[i].name) == 0)
                return row->abi;
        }
    }
    return ABI_ANY;
}

/* Finds the callback, of Envoy or else of the codecs of MOSN. A name has a row for each type. */
static const char *callback_signature(const char *name, unsigned abi)
{
    const struct host_callback *const tables[] = {envoy_callbacks, host_mosn.rules->callbacks};
    const char *found = NULL;
    for (size_t i = 0; i < COUNT(tables) && !found; i++) {
        for (const struct host_callback *row = tables[i]; row->name; row++) {
            if (strcmp(row->name, name) == 0 && row->abis & abi)
                found = row->signature;
        }
    }
    return found;
}

/* Functions that hosts call whatever the ABI is. */
static const struct {
    const char *name, *signature;
} others[] = {{"_start", ":"}, {"_initialize", ":"}, {"malloc", "i:i"}};

enum standard_fit standard_export(const struct module *module, const struct module_export *export,
                                  const char **signature)
{
    const char *expected = NULL;
    if (export->kind != EXTERN_FUNC)
        return STANDARD_UNKNOWN;
    for (size_t i = 0; i < COUNT(others) && !expected; i++) {
        if (strcmp(others[i].name, export->name) == 0)
            expected = others[i].signature;
    }
    if (!expected && standard_is_callback(export))
        expected = callback_signature(export->name, abi_of(module));
    return compare(module, export->index, expected, signature);
}

bool standard_is_callback(const struct module_export *export)
{
    return export->kind == EXTERN_FUNC && strncmp(export->name, "proxy_", strlen("proxy_")) == 0 &&
           strncmp(export->name, "proxy_abi", strlen("proxy_abi")) != 0;
}

static bool offers(const struct host *host, const struct module_import *import)
{
    for (const struct host_group *group = host->rules->groups; group->module; group++) {
        if (strcmp(group->module, import->module) == 0 && find(group->functions, import->name))
            return true;
    }
    return false;
}

char *standard_hosts(const struct module_import *import)
{
    struct buf out = BUF_INIT(WORDS_MAX);
    for (size_t i = 0; import->kind == EXTERN_FUNC && host_table[i]; i++) {
        if (offers(host_table[i], import))
            buf_printf(&out, "%s%s", out.len ? ", " : "", host_table[i]->title);
    }
    return out.len ? buf_steal(&out) : NULL;
}
