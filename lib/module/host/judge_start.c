/* What runs before the first request: start functions, and the first callbacks. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/trial.h"

/* --- Start functions --- */

static bool may_run_early(const struct host_early *early, int level, const char *name)
{
    for (; early->name; early++) {
        if (strcmp(early->name, name) == 0)
            return early->since <= level;
    }
    return false;
}

/* A function that the start function must call, and which the host does not let run so early. */
static const struct module_import *find_restricted(const struct trial *trial,
                                                   const struct module_reach *reach)
{
    const struct module *module = trial->module;
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        if (import->kind == EXTERN_FUNC && reach->must[import->index] &&
            !may_run_early(trial->rules->early, trial->version->level, import->name))
            return import;
    }
    return NULL;
}

/* Whether the host can call the start function; otherwise says so. Envoy's kin compare the type
 * earlier. */
static bool check_start_type(const struct trial *trial, const char *name,
                             const struct module_type *type)
{
    enum start_rule rule = trial->rules->start_rule;
    bool params_alone = rule == START_COMMAND_ONLY || rule == START_BY_NAME;
    if (type_has_signature(type, ":") || rule == START_REACTOR_FIRST ||
        (params_alone && !type->param_count))
        return true;
    AUTO_FREE char *words = type_words(type);
    char *because = mem_printf("%s has the type %s, and is called without parameters", name, words);
    char *next = mem_dup("build it with a toolchain for WASI");
    bool by_name = rule == START_BY_NAME && strcmp(name, "_start") == 0;
    if (rule == START_FIRST_EXPORT || by_name)
        trial_doubt(trial, because, NULL, next);
    else
        trial_refuse(trial, because, NULL, next);
    return false;
}

static void judge_early_call(const struct trial *trial, const char *name,
                             const struct module_import *early)
{
    if (trial_refuse(
            trial,
            mem_printf("%s calls %s.%s, which %s does not allow before the module has started",
                       name, early->module, early->name, trial->host->title),
            trial_quote(trial->rules->words.restricted, &(struct quote){.name = name}),
            mem_dup("move the call into proxy_on_vm_start or a later callback")))
        trial->out->reason = HOST_REASON_EARLY;
}

static void judge_start_function(const struct trial *trial, const struct trial_start *start)
{
    const struct module_import *early =
        trial->rules->early ? find_restricted(trial, start->reach) : NULL;
    const struct module_import *harm = trial_find_deadly(trial, start->reach->must);
    if (early)
        judge_early_call(trial, start->name, early);
    else if (start->reach->endless)
        trial_refuse(trial, mem_printf("%s calls functions without an end", start->name),
                     trial_quote(trial->rules->words.endless, &(struct quote){.name = start->name}),
                     mem_printf("see why %s never ends", start->name));
    else if (harm)
        trial_refuse(
            trial,
            mem_printf("%s calls %s.%s, and %s %s", start->name, harm->module, harm->name,
                       trial->host->title,
                       trial->rules->start_is_early ? trial->rules->harm_words : "traps there"),
            NULL, mem_dup("move the call into proxy_on_vm_start or a later callback"));
    else if (start->reach->traps)
        trial_refuse(trial, mem_printf("%s always traps", start->name),
                     trial_quote(trial->rules->words.trapped, &(struct quote){.name = start->name}),
                     mem_printf("see why %s ends with unreachable", start->name));
}

static int check_start_function(const struct trial *trial, const char *name, struct err *err)
{
    const struct module_type *type = NULL;
    const struct module_export *export = trial_find_function(trial, name, &type);
    AUTO(module_reach_release) struct module_reach reach = {0};
    if (!export || trial->out->answer == HOST_REFUSES || !check_start_type(trial, name, type))
        return 0;
    int rc = module_reach_find(trial->fd, trial->module, export->index, &reach, err);
    if (rc)
        return rc;
    const struct trial_start start = {name, export->index, &reach};
    rc = trial_check_exit(trial, &start, err);
    if (!rc && trial->out->answer != HOST_REFUSES)
        judge_start_function(trial, &start);
    return rc;
}

/* The start functions that the host runs, in their order; ended by NULL. */
static void list_start_functions(const struct trial *trial, const char *names[3])
{
    const struct module_type *type = NULL;
    const struct module_export *start = trial_find_function(trial, "_start", &type);
    const struct module_export *initialize = trial_find_function(trial, "_initialize", &type);
    bool has_main = trial_find_function(trial, "main", &type) != NULL;
    int since = trial->rules->main_void_since;
    bool main_void = !has_main && since && trial->version->level >= since;
    switch (trial->rules->start_rule) {
    case START_REACTOR_FIRST:
        names[0] = initialize ? "_initialize" : "_start";
        names[1] = !initialize ? NULL : main_void ? "__main_void" : "main";
        break;
    case START_COMMAND_FIRST:
        names[0] = start ? "_start" : "_initialize";
        break;
    case START_FIRST_EXPORT:
        /* Both are elements of the array of exports. */
        names[0] = start && (!initialize || start < initialize) ? "_start" : "_initialize";
        break;
    case START_COMMAND_ONLY:
        names[0] = "_start";
        break;
    case START_BY_NAME:
        names[0] = start ? "_start" : "_initialize";
        break;
    }
}

int trial_check_start(const struct trial *trial, struct err *err)
{
    const char *names[3] = {NULL};
    int rc = 0;
    list_start_functions(trial, names);
    for (size_t i = 0; !rc && names[i]; i++)
        rc = check_start_function(trial, names[i], err);
    return rc;
}

/* --- The callbacks that decide whether the filter runs --- */

static void refuse_gate(const struct trial *trial, const struct host_gate *gate, const char *why,
                        char *quote)
{
    const char *title = trial->host->title;
    if (gate->later) {
        trial_note(trial, "%s %s: %s loads the module, and the filter does not work%s%s",
                   gate->name, why, title, quote ? ": " : "", quote ? quote : "");
        free(quote);
        return;
    }
    trial_refuse(trial, mem_printf("%s %s", gate->name, why), quote,
                 mem_printf("see that %s succeeds: %s does not run a filter where it fails",
                            gate->name, title));
}

static int check_gate_body(const struct trial *trial, const struct host_gate *gate, uint32_t func,
                           struct err *err)
{
    AUTO(module_reach_release) struct module_reach reach = {0};
    int rc = module_reach_find(trial->fd, trial->module, func, &reach, err);
    if (rc)
        return rc;
    const struct quote quote = {.name = gate->name};
    if (reach.traps)
        refuse_gate(trial, gate, "always traps", trial_quote(trial->rules->words.trapped, &quote));
    else if (reach.endless)
        refuse_gate(trial, gate, "calls functions without an end",
                    trial_quote(trial->rules->words.endless, &quote));
    else if (gate->zero_fails && reach.constant && reach.value == 0)
        refuse_gate(trial, gate, "returns 0 (false) always", mem_dup_or_null(gate->quote));
    return 0;
}

static int check_gate(const struct trial *trial, const struct host_gate *gate, struct err *err)
{
    const struct module_type *type = NULL;
    const struct module_export *export = trial_find_function(trial, gate->name, &type);
    const struct host_callback *row = trial_find_callback(trial, gate->name);
    if (!export && gate->needed)
        refuse_gate(trial, gate, "is not exported", mem_dup_or_null(gate->quote));
    else if (export && gate->type_matters && row && !type_has_signature(type, row->signature))
        refuse_gate(trial, gate, "has another type than the host calls it with",
                    mem_dup_or_null(gate->quote));
    return export && trial->out->answer != HOST_REFUSES
               ? check_gate_body(trial, gate, export->index, err)
               : 0;
}

int trial_check_gates(const struct trial *trial, struct err *err)
{
    int rc = 0;
    const struct host_gate *gate = trial->rules->gates;
    for (; !rc && gate && gate->name && trial->out->answer != HOST_REFUSES; gate++) {
        if (gate->abis & trial->abi)
            rc = check_gate(trial, gate, err);
    }
    return rc;
}
