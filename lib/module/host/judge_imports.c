/* Whether a host has what a module imports, with the type that the module wants. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/host/trial.h"

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_among(const char *const *names, const char *name)
{
    while (names && *names && strcmp(*names, name) != 0)
        names++;
    return names && *names;
}

static const struct module_type *import_type(const struct trial *trial,
                                             const struct module_import *import)
{
    return module_func_type(trial->module, import->index);
}

/* --- What to do --- */

/* The words for code that needs a function, where people know it by another name. */
static const char *name_cause(const char *function)
{
    static const struct {
        const char *function, *cause;
    } causes[] = {
        {"path_link", "os.Link and the like"},
        {"path_symlink", "os.Symlink and the like"},
        {"path_rename", "os.Rename and the like"},
        {"proxy_get_metric", "the reading of metrics"},
        {"proxy_get_log_level", "the question for the log level"},
    };
    for (size_t i = 0; i < COUNT(causes); i++) {
        if (strcmp(causes[i].function, function) == 0)
            return causes[i].cause;
    }
    if (begins_with(function, "sock_"))
        return "what opens sockets";
    if (begins_with(function, "path_") || begins_with(function, "fd_"))
        return "what reads or writes files";
    return "what calls it";
}

/* The first later version of the same host that has the import with its type, or NULL. */
static const struct host_version *later_version(const struct trial *trial,
                                                const struct module_import *import)
{
    for (const struct host_version *version = trial->version + 1; version->name; version++) {
        const struct module_type *type = import_type(trial, import);
        const struct host_function *row =
            trial_find_typed(trial->rules, trial->abi, version->level, import, type);
        if (row && type_has_signature(type, row->signature))
            return version;
    }
    return NULL;
}

/* A host that has a function of that name with some ABI, or NULL. */
static const struct host *other_host(const struct trial *trial, const struct module_import *import)
{
    for (const struct host *const *host = host_table; *host; host++) {
        if ((*host)->rules != trial->rules &&
            trial_find_row((*host)->rules, ABI_ANY, INT_MAX, import))
            return *host;
    }
    return NULL;
}

static char *advise_foreign(const struct module_import *import)
{
    if (begins_with(import->module, "wasi_"))
        return mem_printf("leave out %s, or build with a toolchain that proxy-wasm SDKs support",
                          name_cause(import->name));
    if (begins_with(import->module, "wasi"))
        return mem_dup("build for WASI preview 1 (wasip1): no proxy has another one");
    if (begins_with(import->module, "__wbindgen") || strcmp(import->module, "go") == 0 ||
        strcmp(import->module, "gojs") == 0 || begins_with(import->name, "syscall/js."))
        return mem_dup("build for WASI (wasip1), not for a browser");
    return mem_dup("link that function into the module: the host has none of that name");
}

static char *advise_missing(const struct trial *trial, const struct module_import *import)
{
    if (import->kind != EXTERN_FUNC)
        return mem_printf("link the %s into the module", module_kind_name(import->kind));
    const struct host_version *later = later_version(trial, import);
    if (later)
        return mem_printf("use %s %s or later, or leave out %s", trial->host->name, later->name,
                          name_cause(import->name));
    bool draft = trial->rules->marker_rule == MARKER_SINGLE && trial->abi == ABI_0_2_0;
    if (draft && trial_find_row(&envoy_rules, ABI_0_2_0, INT_MAX, import))
        return mem_printf("build it with an SDK for ABI v0.1.0: what %s calls v0.2.0 is a draft, "
                          "and not the v0.2.0 of SDKs",
                          trial->host->title);
    if (trial_find_row(trial->rules, ABI_ANY, trial->version->level, import))
        return mem_printf("build it with the SDK of one ABI version: a module of %s does not get "
                          "that function",
                          trial->out->abi);
    const struct host *other = other_host(trial, import);
    if (other && strcmp(import->module, "env") == 0)
        return mem_printf("leave out %s: %s has that function, and %s has not",
                          name_cause(import->name), other->title, trial->host->title);
    return advise_foreign(import);
}

/* The type that the standard or the SDKs give a function, or NULL. */
static const char *standard_signature(const struct module_import *import)
{
    static const struct host_function *const tables[] = {wasi_functions, wasi_socket_functions,
                                                         wasi_poll_functions, wasi_raise_functions,
                                                         wasi_accept_functions};
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (const struct host_function *row = tables[i]; row->name; row++) {
            if (strcmp(row->name, import->name) == 0)
                return row->signature;
        }
    }
    const struct host_function *row = trial_find_row(&envoy_rules, ABI_ANY, INT_MAX, import);
    return row ? row->signature : NULL;
}

static char *advise_mismatch(const struct trial *trial, const struct module_import *import,
                             const struct host_function *row)
{
    const char *standard = standard_signature(import);
    const struct host_version *later = later_version(trial, import);
    if (later)
        return mem_printf("use %s %s or later", trial->host->name, later->name);
    if (standard && type_has_signature(import_type(trial, import), standard))
        return mem_printf("leave out %s: %s has another type for %.*s than SDKs and compilers do",
                          name_cause(import->name), trial->host->title, TRIAL_NAME_MAX,
                          import->name);
    AUTO_FREE char *words = signature_words(row->signature);
    return mem_printf("declare the function as %s, as the SDKs do", words);
}

/* --- What is wrong --- */

static bool is_made(const struct trial *trial, enum extern_kind kind)
{
    return (kind == EXTERN_MEMORY && trial->rules->makes_memory) ||
           (kind == EXTERN_TABLE && trial->rules->makes_table);
}

static bool is_missing(const struct trial *trial, const struct module_import *import)
{
    return import->kind == EXTERN_FUNC ? !trial_find_import(trial, import)
                                       : !is_made(trial, import->kind);
}

/* Does the host know no module of that name at all? */
static bool lacks_module(const struct trial *trial, const char *module)
{
    for (const struct host_group *group = trial->rules->groups; group->module; group++) {
        if ((group->abis & trial->abi) && strcmp(group->module, module) == 0)
            return false;
    }
    return true;
}

static void refuse_missing(const struct trial *trial, const struct module_import *first)
{
    AUTO(trial_names_release) struct trial_names names = TRIAL_NAMES_INIT;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        bool func = import->kind == EXTERN_FUNC;
        if (is_missing(trial, import))
            trial_names_add(&names, "%.*s.%.*s%s%s%s", TRIAL_NAME_MAX, import->module,
                            TRIAL_NAME_MAX, import->name, func ? "" : " (a ",
                            func ? "" : module_kind_name(import->kind), func ? "" : ")");
    }
    const struct host_words *words = &trial->rules->words;
    bool no_module = words->no_module && lacks_module(trial, first->module);
    const struct quote quote = {.module = first->module, .name = first->name};
    bool counts =
        trial_refuse(trial,
                     mem_printf("%s %s does not have what the module imports: %s",
                                trial->host->title, trial->version->name, trial_names_text(&names)),
                     trial_quote(no_module ? words->no_module : words->missing, &quote),
                     advise_missing(trial, first));
    if (counts && begins_with(first->module, "wasi_"))
        trial->out->reason = HOST_REASON_WASI;
}

/* Does this version of the host not compare the types of such functions? */
static bool is_lax(const struct trial *trial, const struct module_import *import)
{
    const char *prefix = trial->rules->lax_types;
    return prefix && trial->version->level < trial->rules->lax_until &&
           begins_with(import->name, prefix);
}

static void refuse_mismatch(const struct trial *trial, const struct module_import *import,
                            const struct host_function *row)
{
    AUTO_FREE char *want = type_words(import_type(trial, import));
    AUTO_FREE char *have = signature_words(row->signature);
    if (is_lax(trial, import)) {
        trial_doubt(trial,
                    mem_printf("%s %s may accept another type than %s for %s", trial->host->title,
                               trial->version->name, have, import->name),
                    NULL, advise_mismatch(trial, import, row));
        return;
    }
    const struct quote quote = {import->module, import->name, want, have};
    bool counts = trial_refuse(
        trial,
        mem_printf("the module imports %.*s.%.*s as %s, and in %s %s the type is %s",
                   TRIAL_NAME_MAX, import->module, TRIAL_NAME_MAX, import->name, want,
                   trial->host->title, trial->version->name, have),
        trial_quote(trial->rules->words.mismatch, &quote), advise_mismatch(trial, import, row));
    bool links =
        strcmp(import->name, "path_link") == 0 || strcmp(import->name, "path_symlink") == 0;
    if (counts && links && begins_with(import->module, "wasi_"))
        trial->out->reason = HOST_REASON_LINKS;
}

static void check_function(const struct trial *trial, const struct module_import *import)
{
    const struct host_function *row = trial_find_import(trial, import);
    if (!row)
        refuse_missing(trial, import);
    else if (!type_has_signature(import_type(trial, import), row->signature))
        refuse_mismatch(trial, import, row);
    else if (is_among(trial->rules->doubtful, import->name))
        trial_doubt(trial,
                    mem_printf("the module imports %s.%s: %s", import->module, import->name,
                               trial->rules->doubt),
                    NULL, mem_printf("leave out %s", name_cause(import->name)));
}

static void check_memory(const struct trial *trial, const struct module_import *import)
{
    const struct limits *memory = &trial->module->memories[import->index];
    if (!trial->rules->makes_memory)
        refuse_missing(trial, import);
    else if (memory->shared)
        trial_refuse(trial, mem_dup("the module imports a shared memory"),
                     trial_quote(trial->rules->words.instance, NULL),
                     mem_dup("build without threads, or with a memory of its own"));
    else if (memory->wide)
        trial_refuse(trial, mem_dup("the module imports a memory with addresses of 64 bits"), NULL,
                     mem_dup("export the memory, and do not import it"));
    else if (import->index > 0)
        trial_doubt(trial, mem_dup("the module imports two memories"), NULL,
                    mem_dup("export the memory, and do not import it"));
}

static void check_table(const struct trial *trial, const struct module_import *import)
{
    if (!trial->rules->makes_table)
        refuse_missing(trial, import);
    else if (import->index > 0)
        trial_refuse(trial, mem_dup("the module imports more than one table"),
                     trial_quote(trial->rules->words.instance, NULL),
                     mem_dup("keep the tables in the module, and do not import them"));
    else if (trial->module->tables[import->index].limits.wide)
        trial_refuse(trial, mem_dup("the module imports a table with addresses of 64 bits"), NULL,
                     mem_dup("keep the table in the module, and do not import it"));
}

static void refuse_tag(const struct trial *trial, const char *how, const char *name)
{
    trial_refuse(
        trial,
        mem_printf("the module %s the tag %.*s, and %s ends at once (SIGTRAP), with no line in its "
                   "log",
                   how, TRIAL_NAME_MAX, name, trial->host->title),
        NULL, mem_dup("build without exceptions (-fno-exceptions), or keep the tag in the module"));
}

static void check_import(const struct trial *trial, const struct module_import *import)
{
    switch (import->kind) {
    case EXTERN_FUNC:
        check_function(trial, import);
        break;
    case EXTERN_MEMORY:
        check_memory(trial, import);
        break;
    case EXTERN_TABLE:
        check_table(trial, import);
        break;
    case EXTERN_TAG:
        if (trial->rules->dies_of_tags)
            refuse_tag(trial, "imports", import->name);
        else
            refuse_missing(trial, import);
        break;
    case EXTERN_GLOBAL:
        refuse_missing(trial, import);
        break;
    }
}

static void check_exported_tags(const struct trial *trial)
{
    for (size_t i = 0; i < trial->module->export_count; i++) {
        const struct module_export *export = &trial->module->exports[i];
        if (export->kind == EXTERN_TAG)
            refuse_tag(trial, "exports", export->name);
    }
}

void trial_check_imports(const struct trial *trial)
{
    const struct module *module = trial->module;
    for (size_t i = 0; i < module->import_count && trial->out->answer != HOST_REFUSES; i++)
        check_import(trial, &module->imports[i]);
    if (trial->rules->dies_of_tags)
        check_exported_tags(trial);
}
