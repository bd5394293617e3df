/* Types among the imports and exports that the interface between V8 and Envoy does not know. */
#include <stdlib.h>

#include "base/mem.h"
#include "module/host/trial.h"

enum { HEAP_FUNC = -0x10, HEAP_EXTERN = -0x11 };

static bool is_known(struct value_type type)
{
    switch (type.code) {
    case VALUE_I32:
    case VALUE_I64:
    case VALUE_F32:
    case VALUE_F64:
    case VALUE_FUNCREF:
    case VALUE_EXTERNREF:
        return true;
    case VALUE_REF:
    case VALUE_REF_NULL:
        return type.heap == HEAP_FUNC || type.heap == HEAP_EXTERN;
    default:
        return false;
    }
}

/* The first type that is not known, of what an import or export is; false: all are known. */
static bool find_unknown(const struct module *module, enum extern_kind kind, uint32_t index,
                         struct value_type *out)
{
    if (kind == EXTERN_FUNC) {
        const struct module_type *type = module_func_type(module, index);
        for (uint32_t i = 0; i < type->param_count + type->result_count; i++) {
            *out = type->values[i];
            if (!is_known(*out))
                return true;
        }
        return false;
    }
    if (kind != EXTERN_GLOBAL && kind != EXTERN_TABLE)
        return false;
    *out = kind == EXTERN_GLOBAL ? module->globals[index].value : module->tables[index].element;
    return !is_known(*out);
}

static void refuse(const struct trial *trial, const char *how, enum extern_kind kind,
                   const char *name, struct value_type type)
{
    AUTO_FREE char *words = value_type_text(type);
    trial_refuse(trial,
                 mem_printf("the module %s the %s %.*s, which has the type %s: %s ends at once "
                            "(SIGTRAP), with no line in its log",
                            how, module_kind_name(kind), TRIAL_NAME_MAX, name, words,
                            trial->host->title),
                 NULL, mem_printf("keep values of the type %s inside the module", words));
}

void trial_check_types(const struct trial *trial)
{
    const struct module *module = trial->module;
    struct value_type type;
    if (!trial->rules->dies_of_tags)
        return;
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        if (find_unknown(module, import->kind, import->index, &type))
            refuse(trial, "imports", import->kind, import->name, type);
    }
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        if (find_unknown(module, export->kind, export->index, &type))
            refuse(trial, "exports", export->kind, export->name, type);
    }
}
