/* Memories and tables, how many imports and exports, and what the module exports for the host. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/trial.h"

/* --- Memories and tables --- */

static char *instance_quote(const struct trial *trial)
{
    return trial_quote(trial->rules->words.instance, NULL);
}

static void check_limits(const struct trial *trial)
{
    const struct host_rules *rules = trial->rules;
    for (size_t i = 0; rules->max_pages && i < trial->module->memory_count; i++) {
        const struct limits *memory = &trial->module->memories[i];
        if (memory->min <= rules->max_pages)
            continue;
        trial_refuse_surely(trial,
                            mem_printf("the memory begins with %" PRIu64
                                       " pages, and %s allows %" PRIu64,
                                       memory->min, trial->host->title, rules->max_pages),
                            i < trial->module->imported_memories ? NULL : instance_quote(trial),
                            mem_dup("lower the initial memory in the linker's options"));
        return;
    }
}

static void check_tables(const struct trial *trial)
{
    size_t max = trial->rules->max_tables, count = trial->module->table_count;
    if (max && count > max)
        trial_refuse(trial, mem_printf("%zu tables are more than %zu", count, max),
                     trial_quote(trial->rules->words.bytecode, NULL), mem_dup("use fewer tables"));
}

static void check_memory_export(const struct trial *trial)
{
    const char *name = trial->rules->memory_name;
    if (!name || (*name ? module_find_export(trial->module, EXTERN_MEMORY, name) != NULL
                        : trial_exports_memory(trial->module)))
        return;
    trial_refuse(trial,
                 mem_printf("the module exports no memory%s%s", *name ? " named " : "", name),
                 trial_quote(trial->rules->words.memory, NULL),
                 mem_dup("export the memory as \"memory\", as linkers do by themselves"));
}

void trial_check_memories(const struct trial *trial)
{
    check_limits(trial);
    check_tables(trial);
    check_memory_export(trial);
}

/* --- How many --- */

enum { SURE_EXTERNS = 100000 }; /* imports, and exports, that every engine takes */

static void check_count(const struct trial *trial, size_t count, const char *what)
{
    size_t max = trial->version->max_externs;
    if (count <= (max ? max : SURE_EXTERNS))
        return;
    char *next = mem_printf("build the module with fewer %s", what);
    if (max)
        trial_refuse(trial,
                     mem_printf("the module has %zu %s, and the engine of %s %s takes %zu", count,
                                what, trial->host->title, trial->version->name, max),
                     trial_quote(trial->rules->words.bytecode, NULL), next);
    else
        trial_doubt(trial,
                    mem_printf("the module has %zu %s, and nobody has tried whether the engine of "
                               "%s %s takes more than %d",
                               count, what, trial->host->title, trial->version->name, SURE_EXTERNS),
                    NULL, next);
}

static size_t type_size(const struct module *module, enum extern_kind kind, uint32_t index)
{
    if (kind != EXTERN_FUNC)
        return 1;
    const struct module_type *type = module_func_type(module, index);
    return 1 + type->param_count + type->result_count;
}

static void check_type_sizes(const struct trial *trial)
{
    const struct module *module = trial->module;
    size_t sum = 0;
    for (size_t i = 0; i < module->import_count; i++)
        sum += type_size(module, module->imports[i].kind, module->imports[i].index);
    for (size_t i = 0; i < module->export_count; i++)
        sum += type_size(module, module->exports[i].kind, module->exports[i].index);
    /* The engine counts a few things more. */
    if (sum >= SURE_EXTERNS - 10)
        trial_doubt(trial, mem_dup("the types of the imports and exports are too large together"),
                    NULL, mem_dup("build the module with fewer imports and exports"));
}

void trial_check_counts(const struct trial *trial)
{
    check_count(trial, trial->module->import_count, "imports");
    check_count(trial, trial->module->export_count, "exports");
    if (trial->rules->sums_types)
        check_type_sizes(trial);
}

/* --- Functions with the types that the host wants --- */

/* Whether the function has the type, or is not there; otherwise refuses the module. */
static bool check_signature(const struct trial *trial, const char *name, const char *signature)
{
    const struct module_type *type = NULL;
    if (!trial_find_function(trial, name, &type) || type_has_signature(type, signature))
        return true;
    AUTO_FREE char *want = signature_words(signature);
    AUTO_FREE char *have = type_words(type);
    trial_refuse(trial,
                 mem_printf("the module exports %s as %s, and %s wants %s", name, have,
                            trial->host->title, want),
                 trial_quote(trial->rules->words.signature,
                             &(struct quote){.name = name, .want = want, .have = have}),
                 mem_printf("give the function the type %s, as the SDK of ABI %s does", want,
                            trial->out->abi ? trial->out->abi : "v0.2.1"));
    return false;
}

/* The name of the function that gives memory, or NULL. */
static const char *find_allocator(const struct trial *trial)
{
    const struct module_type *type = NULL;
    if (trial_find_function(trial, "malloc", &type))
        return "malloc";
    return trial_find_function(trial, "proxy_on_memory_allocate", &type)
               ? "proxy_on_memory_allocate"
               : NULL;
}

static void check_allocator(const struct trial *trial)
{
    const char *name = find_allocator(trial);
    if (name && trial->rules->checks_signatures)
        check_signature(trial, name, "i:i");
    else if (!name && trial->rules->needs_allocator)
        trial_refuse(trial,
                     mem_dup("the module exports neither malloc nor proxy_on_memory_allocate"),
                     trial_quote(trial->rules->words.allocator, NULL),
                     mem_dup("export one of them: SDKs do, unless the linker drops it"));
}

/* _initialize is looked for first, and _start only without it. */
static bool check_start_signatures(const struct trial *trial)
{
    const struct module_type *type = NULL;
    if (!trial_find_function(trial, "_initialize", &type))
        return check_signature(trial, "_start", ":");
    bool has_main = trial_find_function(trial, "main", &type) != NULL;
    int since = trial->rules->main_void_since;
    return check_signature(trial, "_initialize", ":") && check_signature(trial, "main", "ii:i") &&
           (has_main || !since || trial->version->level < since ||
            check_signature(trial, "__main_void", ":i"));
}

static void check_callbacks(const struct trial *trial)
{
    for (const struct host_callback *row = trial->rules->callbacks; row->name; row++) {
        if ((row->abis & trial->abi) && !check_signature(trial, row->name, row->signature))
            return;
    }
}

void trial_check_exports(const struct trial *trial)
{
    if (trial->rules->checks_signatures && !check_start_signatures(trial))
        return;
    check_allocator(trial);
    if (trial->rules->checks_signatures && trial->out->answer != HOST_REFUSES)
        check_callbacks(trial);
}
