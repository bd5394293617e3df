/* What may go wrong later with a module that loads. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "module/host/trial.h"

/* --- Functions that exist, and do not work --- */

static bool is_listed_status(const struct trial *trial, const struct module_import *import,
                             enum host_status status)
{
    if (import->kind != EXTERN_FUNC)
        return false;
    /* Every module of a compiler imports functions for files; few of these modules call them. */
    bool silent = strncmp(import->name, "fd_", 3) == 0 || strcmp(import->name, "path_open") == 0;
    const struct host_function *row = silent ? NULL : trial_find_import(trial, import);
    return row && row->status == status;
}

static void note_status(const struct trial *trial, enum host_status status, const char *words)
{
    AUTO(trial_names_release) struct trial_names names = TRIAL_NAMES_INIT;
    for (size_t i = 0; i < trial->module->import_count; i++) {
        const struct module_import *import = &trial->module->imports[i];
        if (is_listed_status(trial, import, status))
            trial_names_add(&names, "%.*s", TRIAL_NAME_MAX, import->name);
    }
    if (names.count)
        trial_note(trial, "imported functions that %s in %s: %s", words, trial->host->title,
                   trial_names_text(&names));
}

/* --- Callbacks --- */

static bool is_callback_name(const char *name)
{
    return strncmp(name, "proxy_on_", 9) == 0 && strcmp(name, "proxy_on_memory_allocate") != 0;
}

static bool is_idle_callback(const struct trial *trial, const struct module_export *export)
{
    if (export->kind != EXTERN_FUNC || !is_callback_name(export->name) ||
        trial->rules->marker_rule == MARKER_NONE)
        return false;
    const struct host_callback *row = trial_find_callback(trial, export->name);
    return !row || !row->called;
}

static void note_idle_callbacks(const struct trial *trial)
{
    AUTO(trial_names_release) struct trial_names names = TRIAL_NAMES_INIT;
    for (size_t i = 0; i < trial->module->export_count; i++) {
        const struct module_export *export = &trial->module->exports[i];
        if (is_idle_callback(trial, export))
            trial_names_add(&names, "%.*s", TRIAL_NAME_MAX, export->name);
    }
    if (names.count)
        trial_note(trial, "callbacks that %s never calls: %s", trial->host->title,
                   trial_names_text(&names));
}

/* Of a host that compares types only when it calls, and of callbacks with conditions. */
static void note_called(const struct trial *trial)
{
    for (const struct host_callback *row = trial->rules->callbacks; row->name; row++) {
        const struct module_type *type = NULL;
        if (!(row->abis & trial->abi) || !trial_find_function(trial, row->name, &type))
            continue;
        if (row->note)
            trial_note(trial, "%s: %s", row->name, row->note);
        if (!row->called || type_has_signature(type, row->signature))
            continue;
        AUTO_FREE char *want = signature_words(row->signature);
        AUTO_FREE char *have = type_words(type);
        trial_note(trial, "%s calls %s as %s, and the module has %s: each call fails",
                   trial->host->title, row->name, want, have);
    }
}

/* --- Start --- */

static void note_start(const struct trial *trial)
{
    const struct module_type *type = NULL;
    const struct module_export *initialize = trial_find_function(trial, "_initialize", &type);
    const struct module_export *start = trial_find_function(trial, "_start", &type);
    const char *title = trial->host->title;
    if (initialize && trial->rules->start_rule == START_COMMAND_ONLY) {
        trial_note(trial, "%s never calls _initialize: what the module sets up there is not done%s",
                   title, start ? "" : "; build it as a command, with _start");
        if (trial->out->answer == HOST_LOADS && !start)
            trial->out->reason = HOST_REASON_NOT_STARTED;
    } else if (initialize && start && trial->rules->start_rule == START_REACTOR_FIRST)
        trial_note(trial, "the module exports _initialize and _start: %s runs _initialize only",
                   title);
    else if (!start && trial->rules->start_rule == START_BY_NAME)
        trial_note(trial, "the module exports no _start: name a function on the command line of %s",
                   title);
    else if (initialize && start && trial->rules->start_rule == START_COMMAND_FIRST)
        trial_note(trial, "the module exports _initialize and _start: %s runs _start only", title);
}

/* --- Memory --- */

static bool imports(const struct module *module, const char *name)
{
    for (size_t i = 0; i < module->import_count; i++) {
        if (strcmp(module->imports[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The collector of Go may wait in malloc. */
static void note_malloc(const struct trial *trial)
{
    const struct module_type *type = NULL;
    if (!trial->rules->needs_allocator && trial->rules->marker_rule != MARKER_NONE &&
        !trial_find_function(trial, "malloc", &type) &&
        !trial_find_function(trial, "proxy_on_memory_allocate", &type))
        trial_note(trial, "the module exports no malloc: the first text that %s hands over fails",
                   trial->host->title);
    const struct host_early *row = trial->rules->early_in_malloc;
    while (row && row->name && strcmp(row->name, "poll_oneoff") != 0)
        row++;
    if (row && row->name && row->since > trial->version->level &&
        imports(trial->module, "poll_oneoff") && trial_is_of_go(trial->module))
        trial_note(trial,
                   "malloc of a Go module may trap in %s %s (\"Function: malloc failed: Uncaught "
                   "Error: restricted_callback\") when Go's collector waits: that ends the filter",
                   trial->host->title, trial->version->name);
}

void trial_add_notes(const struct trial *trial)
{
    const struct host *host = trial->host;
    note_status(trial, HOST_FAILS, "return an error");
    note_status(trial, HOST_IDLE, "do nothing");
    note_status(trial, HOST_TRAPS, "trap");
    note_idle_callbacks(trial);
    if (trial->rules->callbacks)
        note_called(trial);
    note_start(trial);
    note_malloc(trial);
    if (host->fetch_max && trial->module->size > host->fetch_max)
        trial_note(trial, "the module has %" PRIu64 " bytes: %s", trial->module->size,
                   host->fetch_words);
}
