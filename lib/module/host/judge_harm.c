/* Calls that may end the host: from the start section, and without a memory. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/trial.h"

/* Is the import a function that traps whenever it is called? */
static bool traps(const struct trial *trial, const struct module_import *import)
{
    const struct host_function *row = trial_find_import(trial, import);
    return row && row->status == HOST_TRAPS;
}

enum harm_place { HARM_IN_START, HARM_IN_MEMORY };

static enum host_harm harm_of(const struct trial *trial, const struct module_import *import,
                              enum harm_place place)
{
    const struct host_rules *rules = trial->rules;
    if (traps(trial, import))
        return HARM_DEADLY;
    const struct host_harmful *row =
        rules->harmful ? trial_find_harmful(trial, import->name) : NULL;
    /* A real WASI needs nothing of the host's. */
    if (!row || (!row->name && !rules->dies_without_memory))
        return strcmp(import->module, "env") == 0 ? HARM_MAYBE : HARM_NONE;
    return place == HARM_IN_START ? row->in_start_section : row->without_memory;
}

/* The harm of the functions of `set`, and the import that does it. */
static enum host_harm find_harm(const struct trial *trial, const bool *set, enum harm_place place,
                                const struct module_import **found)
{
    enum host_harm harm = HARM_NONE;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        if (import->kind != EXTERN_FUNC || !set[import->index])
            continue;
        enum host_harm one = harm_of(trial, import, place);
        if (one == HARM_NONE || harm == HARM_DEADLY)
            continue;
        harm = one;
        *found = import;
    }
    return harm;
}

/* --- The start section --- */

const struct module_import *trial_find_deadly(const struct trial *trial, const bool *set)
{
    const struct module_import *found = NULL;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        if (import->kind == EXTERN_FUNC && set[import->index] && traps(trial, import))
            return import;
    }
    if (!trial->rules->start_is_early)
        return NULL;
    return find_harm(trial, set, HARM_IN_START, &found) == HARM_DEADLY ? found : NULL;
}

static void judge_start_calls(const struct trial *trial, const struct module_reach *reach,
                              const struct trial_calls *calls)
{
    static const char advice[] =
        "move the call into _initialize, or into a callback: a start section is for memory alone";
    const struct module_import *found = NULL;
    if (find_harm(trial, reach->must, HARM_IN_START, &found) == HARM_DEADLY)
        trial_refuse(trial,
                     mem_printf("the start section calls %s.%s, and %s %s", found->module,
                                found->name, trial->host->title, trial->rules->harm_words),
                     NULL, mem_dup(advice));
    else if (find_harm(trial, calls->set, HARM_IN_START, &found) != HARM_NONE)
        trial_doubt(trial,
                    mem_printf("the start section may call %s.%s before the module is ready",
                               found->module, found->name),
                    NULL, mem_dup(advice));
    else if (calls->indirect && trial->module->imported_funcs)
        trial_doubt(
            trial, mem_dup("the start section calls through a table, maybe a function of the host"),
            NULL, mem_dup(advice));
}

int trial_check_start_section(const struct trial *trial, struct err *err)
{
    AUTO(module_reach_release) struct module_reach reach = {0};
    AUTO(trial_calls_release) struct trial_calls calls = {0};
    uint32_t start = trial->module->start;
    if (!trial->module->has_start)
        return 0;
    int rc = module_reach_find(trial->fd, trial->module, start, &reach, err);
    if (!rc)
        rc = trial_find_calls(trial, start, &calls, err);
    if (rc)
        return rc;
    if (reach.traps)
        trial_refuse(trial, mem_dup("the start section of the module traps"),
                     trial_quote(trial->rules->words.instance, NULL),
                     mem_dup("see why the module ends with unreachable as soon as it starts"));
    else if (reach.endless)
        trial_refuse(trial, mem_dup("the start section calls functions without an end"),
                     trial_quote(trial->rules->words.instance, NULL),
                     mem_dup("see why the function that starts the module never ends"));
    else
        judge_start_calls(trial, &reach, &calls);
    return 0;
}

/* --- Calls without a memory --- */

/* Judges what an exported function calls. */
static int check_calls(const struct trial *trial, const struct module_export *export,
                       struct err *err)
{
    AUTO(module_reach_release) struct module_reach reach = {0};
    const struct module_import *found = NULL;
    int rc = module_reach_find(trial->fd, trial->module, export->index, &reach, err);
    if (rc)
        return rc;
    static const char advice[] = "export the memory as \"memory\", as linkers do by themselves";
    const char *title = trial->host->title;
    if (find_harm(trial, reach.must, HARM_IN_MEMORY, &found) == HARM_DEADLY)
        trial_refuse(trial,
                     mem_printf("the module exports no memory: it loads, and the call of %s in %s "
                                "ends %s (SIGSEGV)",
                                found->name, export->name, title),
                     NULL, mem_dup(advice));
    else if (find_harm(trial, reach.may, HARM_IN_MEMORY, &found) != HARM_NONE || reach.indirect)
        trial_doubt(trial,
                    mem_printf("the module exports no memory: it loads, and the first call with a "
                               "pointer ends %s (SIGSEGV)",
                               title),
                    NULL, mem_dup(advice));
    return 0;
}

static bool is_called(const struct trial *trial, const char *name)
{
    static const char *const names[] = {"_start",      "_initialize", "main",
                                        "__main_void", "malloc",      "proxy_on_memory_allocate"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return trial_find_callback(trial, name) != NULL;
}

int trial_check_memoryless(const struct trial *trial, struct err *err)
{
    const struct module *module = trial->module;
    int rc = 0;
    if (!trial->rules->dies_without_memory || module->imported_memories ||
        trial_exports_memory(module) || !module->imported_funcs)
        return 0;
    for (size_t i = 0; !rc && i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        if (export->kind == EXTERN_FUNC && is_called(trial, export->name))
            rc = check_calls(trial, export, err);
    }
    return rc;
}
