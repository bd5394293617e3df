#include "module/code_cursor.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/leb.h"
#include "module/type_read.h"

uint64_t code_offset(const struct code *code)
{
    return code->offset + (uint64_t)(code->insn_at - code->start);
}

void code_damaged(struct code *code, const char *format, ...)
{
    if (!reader_failed(code->reader)) {
        va_list args;
        va_start(args, format);
        AUTO_FREE char *text = mem_vprintf(format, args);
        va_end(args);
        reader_damaged(code->reader, code_offset(code), "function %" PRIu32 ": %s", code->func,
                       text);
    }
    code->at = code->end;
    code->depth = 0;
    code->local_runs = 0;
}

static uint8_t next_byte(struct code *code)
{
    const uint8_t *byte = code_bytes(code, 1);
    return byte ? *byte : 0;
}

const uint8_t *code_bytes(struct code *code, size_t len)
{
    if ((size_t)(code->end - code->at) < len) {
        code_damaged(code, "the body ends within an instruction");
        return NULL;
    }
    const uint8_t *bytes = code->at;
    code->at += len;
    return bytes;
}

uint64_t code_slow_unsigned(struct code *code, int bits)
{
    uint64_t value = 0;
    enum leb state = LEB_MORE;
    for (int shift = 0; shift < bits && state == LEB_MORE; shift += 7)
        state = leb_unsigned(&value, next_byte(code), shift, bits);
    if (state == LEB_DONE)
        return value;
    code_damaged(code, "a number has more than %d bits", bits);
    return 0;
}

int64_t code_signed(struct code *code, int bits)
{
    uint64_t value = 0;
    enum leb state = LEB_MORE;
    for (int shift = 0; shift < bits && state == LEB_MORE; shift += 7)
        state = leb_signed(&value, next_byte(code), shift, bits);
    if (state == LEB_DONE)
        return (int64_t)value;
    code_damaged(code, "a number has more than %d bits", bits);
    return 0;
}

void code_settle(struct code *code, struct value_type *type)
{
    uint8_t before = type->code;
    if (reader_failed(code->reader) || type_settle(type, code->module->type_count, &code->features))
        return;
    if (before == VALUE_REF || before == VALUE_REF_NULL)
        code_damaged(code, "unknown heap type %" PRId32, type->heap);
    else
        code_damaged(code, "unknown value type 0x%02x", before);
}

int32_t code_heap(struct code *code)
{
    int64_t heap = code_signed(code, 33);
    return heap > INT32_MAX || heap < INT8_MIN ? INT32_MIN : (int32_t)heap;
}

struct value_type code_value(struct code *code)
{
    const uint8_t *byte = code_bytes(code, 1);
    struct value_type type = {.code = byte ? *byte : 0};
    if (type.code == VALUE_REF || type.code == VALUE_REF_NULL)
        type.heap = code_heap(code);
    code_settle(code, &type);
    return type;
}

struct value_type code_reference(struct code *code, bool null)
{
    struct value_type type = {.code = null ? VALUE_REF_NULL : VALUE_REF, .heap = code_heap(code)};
    uint32_t spelled = ~code->features & 1u << FEATURE_TYPED_REFS;
    code_settle(code, &type);
    bool named = type.code == VALUE_REF || type.code == VALUE_REF_NULL;
    if (!named || type.heap < 0) /* ref.null func is older than (ref null func) */
        code->features &= ~spelled;
    return type;
}

static const char *const kinds[IMM_COUNT] = {
    [IMM_LOCAL] = "local",       [IMM_FUNC] = "function", [IMM_GLOBAL] = "global",
    [IMM_TYPE] = "type",         [IMM_TABLE] = "table",   [IMM_MEMORY] = "memory",
    [IMM_DATA] = "data segment", [IMM_TAG] = "tag",       [IMM_ELEMENT] = "element segment",
};

uint32_t code_index(struct code *code, enum immediate kind)
{
    uint32_t index = code_u32(code);
    if (index < code->known[kind])
        return index;
    if (kind == IMM_DATA && !code->module->has_data_count)
        code_damaged(code, "a data segment is named without a data count section");
    else
        code_damaged(code, "names %s %" PRIu32 ", where %" PRIu32 " are known", kinds[kind], index,
                     code->known[kind]);
    return 0;
}

uint32_t code_type_index(struct code *code, enum type_form form)
{
    static const char *const forms[] = {"function", "struct", "array", "continuation"};
    uint32_t index = code_index(code, IMM_TYPE);
    if (!reader_failed(code->reader) && code->module->types[index].form != form)
        code_damaged(code, "type %" PRIu32 " is no %s type", index, forms[form]);
    return index;
}

uint32_t code_label(struct code *code, size_t inner)
{
    uint32_t label = code_u32(code);
    if (label >= code->depth - inner && !reader_failed(code->reader))
        code_damaged(code, "names label %" PRIu32 ", where %zu blocks are open", label,
                     code->depth - inner);
    return label;
}

void code_push(struct code *code, uint16_t op)
{
    if (reader_failed(code->reader))
        return;
    if (code->depth == code->block_room) {
        code->block_room = code->block_room ? 2 * code->block_room : 64;
        code->blocks = mem_resize(code->blocks, code->block_room, sizeof(*code->blocks));
    }
    code->blocks[code->depth++] = (uint8_t)op;
}

void code_end_block(struct code *code)
{
    code->depth--;
    if (code->depth == 0 && code->at != code->end)
        code_damaged(code, "%zu bytes are left over behind the end of the body",
                     (size_t)(code->end - code->at));
}
