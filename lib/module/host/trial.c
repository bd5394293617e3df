#include "module/host/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

char *trial_quote(const char *words, const struct quote *quote)
{
    if (!words || !quote)
        return mem_dup_or_null(words);
    const struct {
        const char *mark, *text;
    } marks[] = {
        {"{module}", quote->module},
        {"{name}", quote->name},
        {"{want}", quote->want},
        {"{have}", quote->have},
    };
    AUTO(buf_release) struct buf out = BUF_INIT(TRIAL_TEXT_MAX);
    while (*words) {
        bool found = false;
        for (size_t i = 0; i < COUNT(marks) && !found; i++) {
            size_t len = strlen(marks[i].mark);
            found = strncmp(words, marks[i].mark, len) == 0;
            if (found) {
                buf_printf(&out, "%.*s", TRIAL_NAME_MAX, marks[i].text ? marks[i].text : "");
                words += len;
            }
        }
        if (!found)
            buf_add_char(&out, *words++);
    }
    return buf_steal(&out);
}

static bool settle(const struct trial *trial, enum host_answer answer, char *because, char *quote,
                   char *next)
{
    struct host_verdict *out = trial->out;
    bool weaker = answer == HOST_UNKNOWN && out->answer != HOST_LOADS;
    if (out->answer == HOST_REFUSES || weaker) {
        free(because);
        free(quote);
        free(next);
        return false;
    }
    free(out->because);
    free(out->quote);
    free(out->next);
    out->answer = answer;
    out->because = because;
    out->quote = quote;
    out->next = next;
    out->reason = HOST_REASON_OTHER;
    return true;
}

bool trial_refuse_surely(const struct trial *trial, char *because, char *quote, char *next)
{
    return settle(trial, HOST_REFUSES, because, quote, next);
}

bool trial_refuse(const struct trial *trial, char *because, char *quote, char *next)
{
    if (!trial->rules->closed)
        return trial_refuse_surely(trial, because, quote, next);
    free(quote);
    char *doubt = mem_printf("%s: %s", because, trial->rules->doubt);
    free(because);
    return trial_doubt(trial, doubt, NULL, next);
}

bool trial_doubt(const struct trial *trial, char *because, char *quote, char *next)
{
    return settle(trial, HOST_UNKNOWN, because, quote, next);
}

void trial_note(const struct trial *trial, const char *format, ...)
{
    struct host_verdict *out = trial->out;
    va_list args;
    va_start(args, format);
    char *note = mem_vprintf(format, args);
    va_end(args);
    out->notes = mem_resize(out->notes, out->note_count + 1, sizeof(*out->notes));
    out->notes[out->note_count++] = note;
}

void trial_names_release(struct trial_names *names)
{
    buf_release(&names->text);
}

void trial_names_add(struct trial_names *names, const char *format, ...)
{
    if (names->count++ >= TRIAL_SHOWN_MAX)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *name = mem_vprintf(format, args);
    va_end(args);
    buf_printf(&names->text, "%s%s", names->count > 1 ? ", " : "", name);
}

const char *trial_names_text(struct trial_names *names)
{
    if (names->count > TRIAL_SHOWN_MAX)
        buf_printf(&names->text, " and %zu more", names->count - TRIAL_SHOWN_MAX);
    return buf_text(&names->text);
}

/* --- Looking up --- */

const struct host_function *trial_find_typed(const struct host_rules *rules, unsigned abis,
                                             int level, const struct module_import *import,
                                             const struct module_type *type)
{
    const struct host_function *first = NULL;
    for (const struct host_group *group = rules->groups; group->module; group++) {
        if (!(group->abis & abis) || strcmp(group->module, import->module) != 0)
            continue;
        for (const struct host_function *row = group->functions; row->name; row++) {
            if (!(row->abis & abis) || row->since > level || strcmp(row->name, import->name) != 0)
                continue;
            if (!type || type_has_signature(type, row->signature))
                return row;
            if (!first)
                first = row;
        }
    }
    return first;
}

const struct host_function *trial_find_row(const struct host_rules *rules, unsigned abis, int level,
                                           const struct module_import *import)
{
    return trial_find_typed(rules, abis, level, import, NULL);
}

const struct host_function *trial_find_import(const struct trial *trial,
                                              const struct module_import *import)
{
    return trial_find_typed(trial->rules, trial->abi, trial->version->level, import,
                            module_func_type(trial->module, import->index));
}

const struct host_callback *trial_find_callback(const struct trial *trial, const char *name)
{
    for (const struct host_callback *row = trial->rules->callbacks; row->name; row++) {
        if ((row->abis & trial->abi) && strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

const struct host_harmful *trial_find_harmful(const struct trial *trial, const char *name)
{
    const struct host_harmful *row = trial->rules->harmful;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row;
}

const struct module_export *trial_find_function(const struct trial *trial, const char *name,
                                                const struct module_type **type)
{
    const struct module_export *found = module_find_export(trial->module, EXTERN_FUNC, name);
    if (found)
        *type = module_func_type(trial->module, found->index);
    return found;
}

bool trial_exports_memory(const struct module *module)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind == EXTERN_MEMORY)
            return true;
    }
    return false;
}

bool trial_is_of_go(const struct module *module)
{
    for (size_t i = 0; i < module->section_count; i++) {
        const char *name = module->sections[i].name;
        /* Its linker writes this section. */
        if (name && strcmp(name, "go:buildid") == 0)
            return true;
    }
    return false;
}
