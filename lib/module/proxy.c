#include "module/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/abi.h"

enum { SHOWN_MAX = 5, TEXT_MAX = 1024 * 1024 };

void proxy_verdict_release(struct proxy_verdict *verdict)
{
    free(verdict->because);
    free(verdict->next);
    free(verdict->note);
    *verdict = (struct proxy_verdict){0};
}

/* A module before a proxy. */
struct trial {
    enum proxy proxy;
    const struct module *module;
    const struct proxy_version *version; /* the one that counts */
};

static bool has_host(unsigned hosts, enum proxy proxy)
{
    return (hosts >> proxy & 1u) != 0;
}

/* The name of the first host of a set, which has one. */
static const char *first_host(unsigned hosts)
{
    return proxy_names[__builtin_ctz(hosts)];
}

/* --- ABI versions --- */

/* The first of the exports that the proxy knows, in their order. */
static const struct proxy_version *find_version(enum proxy proxy, const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        for (const struct proxy_version *known = proxy_versions; known->export; known++) {
            if (export->kind == EXTERN_FUNC && strcmp(export->name, known->export) == 0 &&
                has_host(known->hosts, proxy))
                return known;
        }
    }
    return NULL;
}

/* "v0.1.0, v0.2.0 and v0.2.1" */
static void add_known_versions(enum proxy proxy, struct buf *out)
{
    const struct proxy_version *last = NULL;
    for (const struct proxy_version *known = proxy_versions; known->export; known++) {
        if (!has_host(known->hosts, proxy))
            continue;
        if (last)
            buf_printf(out, "%s%s", out->len ? ", " : "", last->name);
        last = known;
    }
    if (last)
        buf_printf(out, "%s%s", out->len ? " and " : "", last->name);
}

/* The host that alone knows a version which the proxy does not know; NULL: it is in no table. */
static const char *owner_of(const char *name)
{
    for (const struct proxy_version *known = proxy_versions; known->export; known++)
        if (strcmp(known->name, name) == 0)
            return first_host(known->hosts);
    return NULL;
}

static void refuse_version(enum proxy proxy, const struct module *module, struct proxy_verdict *out)
{
    char **claimed = NULL;
    size_t count = 0;
    abi_versions(module, &claimed, &count);
    if (!count) {
        out->because = mem_dup("the module exports no function " ABI_EXPORT_PREFIX "*: \"Missing "
                               "or unknown Proxy-Wasm ABI version\"");
        out->next = mem_dup("build it with a proxy-wasm SDK, as a library (reactor), and see that "
                            "the linker keeps the SDK's exports");
        return;
    }
    AUTO(buf_release) struct buf known = BUF_INIT(TEXT_MAX);
    add_known_versions(proxy, &known);
    const char *owner = owner_of(claimed[0]);
    out->because = mem_printf("the module speaks ABI %s, and the proxy knows %s", claimed[0],
                              buf_text(&known));
    out->next =
        owner ? mem_printf("build it with an SDK for v0.2.1 (%s is %s's own)", claimed[0], owner)
              : mem_dup("build it with an SDK for v0.2.1");
    abi_versions_free(claimed, count);
}

/* --- Functions of the proxy --- */

static const struct proxy_function *find_function(const struct proxy_function *functions,
                                                  const char *name)
{
    for (; functions->name; functions++)
        if (strcmp(functions->name, name) == 0)
            return functions;
    return NULL;
}

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool is_wasi(const char *module)
{
    return is_among(proxy_wasi_modules, module);
}

/* The row of the function that is imported, whether this proxy has it or not; NULL: no row. */
static const struct proxy_function *find_import(const struct module_import *import)
{
    if (is_wasi(import->module))
        return find_function(proxy_wasi_functions, import->name);
    return strcmp(import->module, "env") == 0 ? find_function(proxy_env_functions, import->name)
                                              : NULL;
}

static bool is_made(enum extern_kind kind)
{
    for (size_t i = 0; i < proxy_made_kind_count; i++)
        if (proxy_made_kinds[i] == kind)
            return true;
    return false;
}

/* Whether the proxy has what is imported, and since when. */
static bool has_import(const struct trial *trial, const struct module_import *import,
                       enum proxy_since *since)
{
    *since = PROXY_SINCE_EVER;
    if (import->kind != EXTERN_FUNC)
        return is_made(import->kind);
    const struct proxy_function *function = find_import(import);
    if (!function || !(function->versions & trial->version->bit) ||
        !has_host(function->hosts, trial->proxy))
        return false;
    *since = function->since;
    return true;
}

/* --- Imports --- */

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What to do about an import that is missing. */
static char *advise_import(const struct trial *trial, const struct module_import *import)
{
    if (import->kind != EXTERN_FUNC)
        return mem_printf("link it into the module: proxies give no %s",
                          import->kind == EXTERN_GLOBAL ? "globals" : "tags");
    const struct proxy_function *function = find_import(import);
    if (function && !has_host(function->hosts, trial->proxy))
        return mem_printf("leave it out: only %s has that function", first_host(function->hosts));
    if (function)
        return mem_printf("build it with the SDK of one ABI version: a module of %s does not get "
                          "that function",
                          trial->version->name);
    if (is_wasi(import->module))
        return mem_dup("leave out what needs it (files, sockets, threads), or build with a "
                       "toolchain that proxy-wasm SDKs support");
    if (begins_with(import->module, "wasi"))
        return mem_dup("build for WASI preview 1 (wasip1): proxies have no other");
    if (begins_with(import->module, "__wbindgen") || strcmp(import->module, "go") == 0 ||
        strcmp(import->module, "gojs") == 0 || begins_with(import->name, "syscall/js."))
        return mem_dup("build for WASI (wasip1), not for a browser");
    return mem_dup("link that function into the module: the proxy has none of that name");
}

static void refuse_imports(const struct trial *trial, const struct module_import *first,
                           struct proxy_verdict *out)
{
    AUTO(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
    size_t missing = 0;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        enum proxy_since since;
        if (has_import(trial, import, &since) || missing++ >= SHOWN_MAX)
            continue;
        buf_printf(&text, "%s%.200s.%.200s", missing > 1 ? ", " : "", import->module, import->name);
        if (import->kind != EXTERN_FUNC)
            buf_printf(&text, " (a %s)", module_kind_name(import->kind));
    }
    if (missing > SHOWN_MAX)
        buf_printf(&text, " and %zu more", missing - SHOWN_MAX);
    out->because = mem_printf("missing import: %s", buf_text(&text));
    out->next = advise_import(trial, first);
}

/* Tells of the youngest import, where older proxies in use do not have it. */
static void note_age(const struct trial *trial, const struct module_import *import,
                     enum proxy_since since, struct proxy_verdict *out)
{
    const char *words = proxy_since_words[trial->proxy][since];
    if (words)
        out->note = mem_printf("%s.%s needs a proxy whose proxy-wasm-cpp-host is of %s or later: "
                               "older ones say \"missing import\"",
                               import->module, import->name, words);
}

/* Whether each import is there; otherwise says so. */
static bool check_imports(const struct trial *trial, struct proxy_verdict *out)
{
    const struct module_import *youngest = NULL;
    enum proxy_since least = PROXY_SINCE_EVER;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        enum proxy_since since;
        if (!has_import(trial, import, &since)) {
            refuse_imports(trial, import, out);
            return false;
        }
        if (since > least) {
            least = since;
            youngest = import;
        }
    }
    if (youngest)
        note_age(trial, youngest, least, out);
    return true;
}

/* --- All of it --- */

static bool exports_allocator(const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        if (export->kind == EXTERN_FUNC && is_among(proxy_allocators, export->name))
            return true;
    }
    return false;
}

void proxy_judge(enum proxy proxy, const struct module *module, struct proxy_verdict *out)
{
    *out = (struct proxy_verdict){0};
    const struct trial trial = {proxy, module, find_version(proxy, module)};
    if (!trial.version) {
        refuse_version(proxy, module, out);
        return;
    }
    out->abi = trial.version->name;
    if (!check_imports(&trial, out))
        return;
    if (!exports_allocator(module)) {
        out->because = mem_dup("the module exports neither malloc nor proxy_on_memory_allocate: "
                               "\"Wasm module is missing malloc function\"");
        out->next = mem_dup("export one of them: SDKs do, unless the linker drops it");
        return;
    }
    out->loads = true;
}
