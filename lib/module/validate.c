#include "module/validate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "module/code.h"
#include "module/typing.h"
#include "module/typing_insn.h"

void validation_release(struct validation *validation)
{
    free(validation->why);
}

/* The name that an export gives the function, or NULL. */
static const char *name_of(const struct module *module, uint32_t func)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind == EXTERN_FUNC && module->exports[i].index == func)
            return module->exports[i].name;
    }
    return NULL;
}

static char *describe(const struct module *module, uint32_t func, const char *why, uint64_t offset)
{
    const char *name = name_of(module, func);
    return mem_printf("function %" PRIu32 "%s%s%s: %s, at offset %" PRIu64, func, name ? " (" : "",
                      name ? name : "", name ? ")" : "", why, offset);
}

static void check_body(struct typing *typing, struct code *code, size_t body)
{
    uint32_t func = (uint32_t)(typing->module->imported_funcs + body);
    uint32_t count;
    struct value_type type;
    struct insn insn;
    code_begin(code, body);
    typing_function(typing, typing->module->funcs[func]);
    while (code_locals(code, &count, &type))
        typing_locals(typing, count, type);
    while (!operands_failed(&typing->operands) && code_next(code, &insn))
        typing_insn(typing, &insn);
}

/* An invalid function decides; of functions that are not validated the first is remembered. */
static void note_fault(struct typing *typing, struct code *code, size_t body,
                       struct validation *out)
{
    struct operands *operands = &typing->operands;
    if (operands->result == MODULE_INVALID || out->result == MODULE_VALID) {
        uint32_t func = (uint32_t)(typing->module->imported_funcs + body);
        free(out->why);
        out->why = describe(typing->module, func, operands->why, code_offset(code));
        out->result = operands->result;
    }
    operands->result = MODULE_VALID;
    free(STEAL(operands->why));
}

/* Only stack switching has tags with results; engines without it refuse them. */
static void check_tags(const struct module *module, struct validation *out)
{
    for (size_t i = 0; i < module->tag_count && !out->why; i++) {
        if (module->types[module->tags[i]].result_count == 0)
            continue;
        out->result = MODULE_NOT_VALIDATED;
        out->why =
            mem_printf("tag %zu has results, which only the stack switching proposal knows", i);
    }
}

int module_validate(int fd, const struct module *module, struct validation *out, struct err *err)
{
    AUTO(reader_release) struct reader reader;
    AUTO(code_release) struct code code;
    AUTO(typing_release) struct typing typing;
    AUTO(validation_release) struct validation found = {.result = MODULE_VALID};
    reader_init_fd(&reader, fd, "the module", err);
    code_init(&code, &reader, module);
    typing_init(&typing, module);
    check_tags(module, &found);
    for (size_t i = 0; i < module->body_count && found.result != MODULE_INVALID; i++) {
        check_body(&typing, &code, i);
        if (reader_failed(&reader))
            return reader.rc;
        if (operands_failed(&typing.operands))
            note_fault(&typing, &code, i, &found);
    }
    *out = found;
    found.why = NULL;
    return 0;
}
