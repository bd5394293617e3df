#include "module/operands.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/opcode.h"
#include "module/type_same.h"

void operands_release(struct operands *operands)
{
    free(operands->types);
    free(operands->blocks);
    free(operands->why);
}

void operands_reset(struct operands *operands)
{
    operands->count = 0;
    operands->base = 0;
    operands->depth = 0;
    operands->lenient = false;
}

void operands_fail(struct operands *operands, enum validity result, const char *format, ...)
{
    va_list args;
    if (operands->result != MODULE_VALID)
        return;
    operands->result =
        result == MODULE_INVALID && operands->lenient ? MODULE_NOT_VALIDATED : result;
    va_start(args, format);
    operands->why = mem_vprintf(format, args);
    va_end(args);
}

bool operands_failed(const struct operands *operands)
{
    return operands->result != MODULE_VALID;
}

bool packed_reference(uint32_t type)
{
    return type != PACKED_ANY && (type & 0xff) < VALUE_V128;
}

static struct value_type unpack(uint32_t type)
{
    return (struct value_type){(uint8_t)(type & 0xff), (int32_t)type >> 8};
}

bool packed_matches(const struct module *module, uint32_t is, uint32_t wanted)
{
    return is == wanted || is == PACKED_ANY || wanted == PACKED_ANY ||
           (packed_reference(is) && type_matches(module, unpack(is), unpack(wanted)));
}

/* "i32"; the caller frees it. */
static char *words(uint32_t type)
{
    return type == PACKED_ANY
               ? mem_dup("any type")
               : value_type_text((struct value_type){(uint8_t)(type & 0xff), (int32_t)type >> 8});
}

static void mismatch(struct operands *operands, uint32_t expected, uint32_t found)
{
    AUTO_FREE char *expected_words = words(expected);
    AUTO_FREE char *found_words = words(found);
    operands_fail(operands, MODULE_INVALID, "type mismatch: expected %s, found %s", expected_words,
                  found_words);
}

static void missing(struct operands *operands, uint32_t expected)
{
    AUTO_FREE char *expected_words = words(expected);
    operands_fail(operands, MODULE_INVALID, "type mismatch: expected %s, found no operand",
                  expected_words);
}

bool operands_reserve(struct operands *operands)
{
    if (operands->room - operands->count >= OPERANDS_ROOM)
        return true;
    if (operands->room >= OPERANDS_MAX) {
        operands_fail(operands, MODULE_NOT_VALIDATED, "about %d operands at once", OPERANDS_MAX);
        return false;
    }
    operands->room = operands->room ? operands->room * 2 : 4 * OPERANDS_ROOM;
    operands->types = mem_resize(operands->types, operands->room, sizeof(operands->types[0]));
    return true;
}

void operands_push_list(struct operands *operands, struct type_list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        operands_push(operands, list.types[i]);
}

uint32_t operands_pop_any(struct operands *operands)
{
    if (operands->count > operands->base)
        return operands->types[--operands->count];
    if (!block_at(operands, 0)->unreachable)
        missing(operands, PACKED_ANY);
    return PACKED_ANY;
}

uint32_t operands_pop_reference(struct operands *operands)
{
    uint32_t type = operands_pop_any(operands);
    if (type != PACKED_ANY && !packed_reference(type)) {
        AUTO_FREE char *found = words(type);
        operands_fail(operands, MODULE_INVALID, "type mismatch: expected a reference, found %s",
                      found);
    }
    return type;
}

void operands_pop_slowly(struct operands *operands, uint32_t expected)
{
    uint32_t found;
    if (operands->count == operands->base) {
        if (!block_at(operands, 0)->unreachable)
            missing(operands, expected);
        return;
    }
    found = operands->types[--operands->count];
    if (!packed_matches(operands->module, found, expected))
        mismatch(operands, expected, found);
}

void operands_pop_list(struct operands *operands, struct type_list list)
{
    if (operands->count - operands->base >= list.count) {
        struct type_list top = {operands->types + operands->count - list.count, list.count};
        if (list_matches(operands->module, top, list)) {
            operands->count -= list.count;
            return;
        }
    }
    /* Finds the fault, or that the code is never reached. */
    for (uint32_t i = list.count; i-- > 0;)
        operands_pop(operands, list.types[i]);
}

void operands_expect(struct operands *operands, struct type_list list)
{
    size_t count = operands->count;
    /* What is taken stays in its place. */
    operands_pop_list(operands, list);
    operands->count = count;
}

bool list_matches(const struct module *module, struct type_list is, struct type_list wanted)
{
    if (is.count != wanted.count)
        return false;
    if (is.count == 0 || memcmp(is.types, wanted.types, is.count * sizeof(is.types[0])) == 0)
        return true;
    for (uint32_t i = 0; i < is.count; i++) {
        if (!packed_matches(module, is.types[i], wanted.types[i]))
            return false;
    }
    return true;
}

void block_open(struct operands *operands, uint16_t op, struct type_list params,
                struct type_list results)
{
    if (operands->depth == operands->block_room) {
        if (operands->block_room >= OPERANDS_MAX_DEPTH) {
            operands_fail(operands, MODULE_NOT_VALIDATED, "more than %zu blocks in one another",
                          operands->depth);
            return;
        }
        operands->block_room = operands->block_room ? operands->block_room * 2 : 64;
        operands->blocks =
            mem_resize(operands->blocks, operands->block_room, sizeof(operands->blocks[0]));
    }
    operands->base = operands->count;
    operands->blocks[operands->depth++] =
        (struct block){.op = op, .base = operands->count, .params = params, .results = results};
    operands_push_list(operands, params);
}

struct block block_close(struct operands *operands)
{
    struct block block = *block_at(operands, 0);
    operands_pop_list(operands, block.results);
    if (operands->count != operands->base) {
        AUTO_FREE char *found = words(operands->types[operands->count - 1]);
        operands_fail(operands, MODULE_INVALID,
                      "type mismatch: expected no further operand at the end of a block, found %s",
                      found);
    }
    operands->count = operands->base;
    operands->depth--;
    operands->base = operands->depth ? block_at(operands, 0)->base : 0;
    return block;
}

struct block *block_at(const struct operands *operands, uint32_t label)
{
    return &operands->blocks[operands->depth - 1 - label];
}

struct type_list block_label(const struct block *block)
{
    return block->op == OP_LOOP ? block->params : block->results;
}

void block_end_reached(struct operands *operands)
{
    operands->count = operands->base;
    block_at(operands, 0)->unreachable = true;
}
