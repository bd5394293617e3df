/* Start functions that end with proc_exit, as commands of some compilers do. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/code.h"
#include "module/host/trial.h"

enum exit_answer { EXIT_NOT_SEEN, EXIT_POSSIBLE, EXIT_SURE };

/* Does the body call the import with 0? Compilers write that behind the end of main(). */
static bool calls_with_zero(struct code *code, size_t body, uint32_t import)
{
    struct insn insn;
    uint32_t count;
    struct value_type type;
    bool zero = false;
    code_begin(code, body);
    while (code_locals(code, &count, &type))
        ;
    while (code_next(code, &insn)) {
        if (insn.op == OP_CALL && insn.a == import && zero)
            return true;
        zero = insn.op == OP_I32_CONST && insn.value == 0;
    }
    return false;
}

/* Does one of the functions that may run call it so? */
static int find_zero_exit(const struct trial *trial, const bool *may, uint32_t func,
                          uint32_t import, bool *found, struct err *err)
{
    const struct module *module = trial->module;
    AUTO(reader_release) struct reader reader;
    AUTO(code_release) struct code code;
    reader_init_fd(&reader, trial->fd, "the module", err);
    code_init(&code, &reader, module);
    *found = false;
    for (size_t i = 0; i < module->body_count && !*found && !reader_failed(&reader); i++) {
        size_t index = module->imported_funcs + i;
        if (may[index] || index == func)
            *found = calls_with_zero(&code, i, import);
    }
    return reader.rc;
}

static const struct module_import *find_import(const struct module *module, const char *name)
{
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        if (import->kind == EXTERN_FUNC && strcmp(import->name, name) == 0)
            return import;
    }
    return NULL;
}

static int find_exit(const struct trial *trial, const struct trial_start *start,
                     enum exit_answer *out, struct err *err)
{
    const struct module_import *import = find_import(trial->module, "proc_exit");
    bool command = strcmp(start->name, "_start") == 0;
    bool found = false;
    *out = EXIT_NOT_SEEN;
    if (!import)
        return 0;
    /* The main() of Go always ends so, when it ends. */
    if (start->reach->must[import->index] || (command && trial_is_of_go(trial->module))) {
        *out = EXIT_SURE;
        return 0;
    }
    if (!command || !start->reach->may[import->index])
        return 0;
    int rc = find_zero_exit(trial, start->reach->may, start->func, import->index, &found, err);
    if (found)
        *out = EXIT_POSSIBLE;
    return rc;
}

static char *advise(const struct trial *trial)
{
    return trial_is_of_go(trial->module)
               ? mem_dup("build it as a library: go build -buildmode=c-shared (Go 1.24 or later)")
               : mem_dup("build it as a library (reactor) and not as a command: with TinyGo by "
                         "-buildmode=c-shared");
}

int trial_check_exit(const struct trial *trial, const struct trial_start *start, struct err *err)
{
    const struct host_rules *rules = trial->rules;
    bool fails = rules->early || rules->exit_rule == EXIT_FAILS;
    enum exit_answer answer = EXIT_NOT_SEEN;
    bool counts = false;
    if (!fails && rules->exit_rule == EXIT_FINE)
        return 0;
    int rc = find_exit(trial, start, &answer, err);
    if (rc || answer == EXIT_NOT_SEEN)
        return rc;
    char *quote = trial_quote(rules->words.restricted, &(struct quote){.name = start->name});
    if (!fails && answer == EXIT_POSSIBLE) {
        free(quote);
        trial_note(
            trial,
            "%s may end with proc_exit: %s then closes the module, and each later call fails",
            start->name, trial->host->title);
    } else if (!fails) {
        counts = trial_doubt(
            trial,
            mem_printf("%s ends with proc_exit: %s then closes the module, and each later "
                       "call fails; with another code than 0 it drops the module",
                       start->name, trial->host->title),
            quote, advise(trial));
    } else if (answer == EXIT_SURE) {
        counts = trial_refuse(trial,
                              mem_printf("%s ends with proc_exit, and %s then drops the module",
                                         start->name, trial->host->title),
                              quote, advise(trial));
    } else {
        counts = trial_doubt(
            trial,
            mem_printf("%s may end with proc_exit, as a command of TinyGo 0.35 and later "
                       "does, and %s then drops the module",
                       start->name, trial->host->title),
            quote, advise(trial));
    }
    if (counts)
        trial->out->reason = HOST_REASON_EXIT;
    return 0;
}
