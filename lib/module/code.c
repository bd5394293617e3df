#include "module/code.h"

#include <inttypes.h>
#include <stdlib.h>

#include "module/code_cursor.h"

void code_init(struct code *code, struct reader *reader, const struct module *module)
{
    *code = (struct code){.reader = reader, .module = module};
    code->known[IMM_FUNC] = (uint32_t)module->func_count;
    code->known[IMM_GLOBAL] = (uint32_t)module->global_count;
    code->known[IMM_TYPE] = (uint32_t)module->type_count;
    code->known[IMM_TABLE] = (uint32_t)module->table_count;
    code->known[IMM_MEMORY] = (uint32_t)module->memory_count;
    code->known[IMM_DATA] = module->has_data_count ? (uint32_t)module->data_count : 0;
    code->known[IMM_ELEMENT] = (uint32_t)module->element_count;
    code->known[IMM_TAG] = (uint32_t)module->tag_count;
}

void code_release(struct code *code)
{
    free(code->blocks);
    code->blocks = NULL;
    code->block_room = code->depth = 0;
}

void code_begin(struct code *code, size_t body)
{
    const struct module_body *place = &code->module->bodies[body];
    uint64_t len = place->offset + place->size - place->locals_offset;
    code->func = (uint32_t)(code->module->imported_funcs + body);
    code->offset = code->reader->at = place->locals_offset;
    code->depth = 0;
    code->local_runs = 0;
    code->start = code->at = code->end = code->insn_at = NULL;
    const uint8_t *bytes = reader_view(code->reader, (size_t)len);
    if (!bytes)
        return;
    code->start = code->at = code->insn_at = bytes;
    code->end = bytes + len;
    code->local_count = module_func_type(code->module, code->func)->param_count;
    code->known[IMM_LOCAL] = code->local_count;
    code->local_runs = code_u32(code);
    if (code->local_runs > (size_t)(code->end - code->at) / 2)
        code_damaged(code, "%" PRIu32 " runs of locals do not fit into the body", code->local_runs);
    code_push(code, OP_BLOCK);
}

bool code_locals(struct code *code, uint32_t *count, struct value_type *type)
{
    if (code->local_runs == 0)
        return false;
    code->local_runs--;
    code->insn_at = code->at;
    *count = code_u32(code);
    *type = code_value(code);
    if (*count > MODULE_MAX_LOCALS - code->local_count)
        code_damaged(code, "more than %d locals", MODULE_MAX_LOCALS);
    if (reader_failed(code->reader))
        return false;
    code->local_count += *count;
    code->known[IMM_LOCAL] = code->local_count;
    return true;
}

uint32_t code_list_label(const uint8_t **list)
{
    uint32_t value = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t byte = *(*list)++;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

struct catch_clause code_list_catch(const uint8_t **list)
{
    uint8_t form = *(*list)++;
    struct catch_clause clause = {.all = form & 2, .reference = form & 1};
    if (!clause.all)
        clause.tag = code_list_label(list);
    clause.label = code_list_label(list);
    return clause;
}

struct resume_handler code_list_handler(const uint8_t **list)
{
    struct resume_handler handler = {.to_switch = *(*list)++};
    handler.tag = code_list_label(list);
    if (!handler.to_switch)
        handler.label = code_list_label(list);
    return handler;
}
