#include "module/typing.h"

#include <stdlib.h>

#include "base/mem.h"

uint32_t typing_pack(struct value_type type)
{
    return PACKED(type.code, type.heap);
}

uint32_t typing_not_null(uint32_t type)
{
    uint8_t code = type & 0xff;
    if (type == PACKED_ANY || code == VALUE_REF)
        return type;
    if (code == VALUE_REF_NULL)
        return PACKED(VALUE_REF, (int32_t)type >> 8);
    return PACKED(VALUE_REF, code - 0x80);
}

const struct type_list typing_none = {NULL, 0};

/* Where `ones` has a type: first the types that are a code alone, then the references to heap
 * types, nullable or not. */
#define CODES 256
#define ABSTRACT 128
static size_t one_place(uint32_t type)
{
    uint8_t code = type & 0xff;
    if (code != VALUE_REF && code != VALUE_REF_NULL)
        return code;
    return CODES + 2 * (size_t)(((int32_t)type >> 8) + ABSTRACT) + (code == VALUE_REF);
}

struct type_list typing_one(const struct typing *typing, uint32_t type)
{
    uint32_t *one = &typing->ones[one_place(type)];
    *one = type;
    return (struct type_list){one, 1};
}

struct type_list typing_params(const struct typing *typing, uint32_t type)
{
    return (struct type_list){typing->values + typing->first[type],
                              typing->module->types[type].param_count};
}

struct type_list typing_results(const struct typing *typing, uint32_t type)
{
    const struct module_type *t = &typing->module->types[type];
    return (struct type_list){typing->values + typing->first[type] + t->param_count,
                              t->result_count};
}

void typing_invalid(struct typing *typing, const char *what)
{
    operands_fail(&typing->operands, MODULE_INVALID, "%s", what);
}

void typing_match(struct typing *typing, struct type_list is, struct type_list wanted,
                  const char *what)
{
    if (!list_matches(typing->module, is, wanted))
        typing_invalid(typing, what);
}

void typing_match_one(struct typing *typing, uint32_t is, uint32_t wanted, const char *what)
{
    typing_match(typing, (struct type_list){&is, 1}, (struct type_list){&wanted, 1}, what);
}

void typing_set_local(struct typing *typing, uint32_t local)
{
    if (!typing->unset[local])
        return;
    typing->unset[local] = false;
    typing->set[typing->set_count++] = local;
}

void typing_unset_locals(struct typing *typing, const struct block *block)
{
    while (typing->set_count > block->set)
        typing->unset[typing->set[--typing->set_count]] = true;
}

uint32_t typing_address(const struct limits *limits)
{
    return limits->wide ? VALUE_I64 : VALUE_I32;
}

#define MAX_LOCALS (MODULE_MAX_LOCALS + MODULE_MAX_PARAMS)

void typing_init(struct typing *typing, const struct module *module)
{
    size_t count = 0;
    *typing = (struct typing){.module = module, .operands = {.module = module}};
    typing->ones = mem_zero(CODES + 2 * (ABSTRACT + module->type_count), sizeof(typing->ones[0]));
    typing->first = mem_zero(module->type_count, sizeof(typing->first[0]));
    for (size_t i = 0; i < module->type_count; i++) {
        typing->first[i] = count;
        count += module->types[i].param_count + module->types[i].result_count;
    }
    typing->values = mem_zero(count, sizeof(typing->values[0]));
    for (size_t i = 0; i < module->type_count; i++) {
        const struct module_type *type = &module->types[i];
        for (size_t j = 0; j < type->param_count + type->result_count; j++)
            typing->values[typing->first[i] + j] = typing_pack(type->values[j]);
    }
    typing->locals = mem_zero(MAX_LOCALS, sizeof(typing->locals[0]));
    typing->unset = mem_zero(MAX_LOCALS, sizeof(typing->unset[0]));
    typing->set = mem_zero(MAX_LOCALS, sizeof(typing->set[0]));
}

void typing_release(struct typing *typing)
{
    operands_release(&typing->operands);
    free(typing->ones);
    free(typing->values);
    free(typing->first);
    free(typing->locals);
    free(typing->unset);
    free(typing->set);
}

void typing_function(struct typing *typing, uint32_t type)
{
    struct type_list params = typing_params(typing, type);
    for (uint32_t i = 0; i < params.count; i++) {
        typing->locals[i] = params.types[i];
        typing->unset[i] = false;
    }
    typing->set_count = 0;
    typing->local_count = params.count;
    operands_reset(&typing->operands);
    block_open(&typing->operands, OP_BLOCK, typing_none, typing_results(typing, type));
}

void typing_locals(struct typing *typing, uint32_t count, struct value_type type)
{
    for (uint32_t i = 0; i < count; i++) {
        typing->unset[typing->local_count] = type.code == VALUE_REF;
        typing->locals[typing->local_count++] = typing_pack(type);
    }
}
