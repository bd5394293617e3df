#include "module/code.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/code_control.h"
#include "module/code_cursor.h"

/* The byte of an instruction that is known by a number behind a prefix. */
#define FIRST_PREFIX 0xfb
#define LAST_PREFIX 0xfe

/* The number of an array type's elements that array.new_fixed may name: the limit of the
 * engines. */
#define MAX_FIXED 10000

static void read_memarg(struct code *code, struct insn *insn)
{
    const struct opcode_row *row = &opcode_rows[insn->op];
    uint32_t flags = code_u32(code);
    bool named = flags & 0x40;
    insn->b = flags & ~UINT32_C(0x40);
    insn->a = 0;
    if (named)
        code->features |= 1u << FEATURE_MULTI_MEMORY;
    if (insn->b > row->align || ((row->feature & 1u << FEATURE_THREADS) && insn->b != row->align))
        code_damaged(code, "an alignment of 2^%" PRIu32 " bytes for an access of 2^%u", insn->b,
                     row->align);
    if (named)
        insn->a = code_index(code, IMM_MEMORY);
    else if (code->known[IMM_MEMORY] == 0)
        code_damaged(code, "the module has no memory");
    if (reader_failed(code->reader))
        return;
    if (code->module->memories[insn->a].wide)
        insn->value = code_slow_unsigned(code, 64);
    else
        insn->value = code_u32(code);
}

static void read_lane(struct code *code, struct insn *insn)
{
    const uint8_t *lane = code_bytes(code, 1);
    insn->lane = lane ? *lane : 0;
    if (insn->lane >= opcode_rows[insn->op].lanes)
        code_damaged(code, "lane %u of %u", insn->lane, opcode_rows[insn->op].lanes);
}

/* The types and segments of the instructions for structs and arrays. */
static void read_object(struct code *code, struct insn *insn)
{
    bool continuation = insn->op < OP_PREFIX_GC;
    enum type_form form = insn->op < OP_PREFIX_GC + 6 ? TYPE_STRUCT : TYPE_ARRAY;
    if (continuation)
        form = TYPE_CONT;
    insn->a = code_type_index(code, form);
    switch (insn->immediate) {
    case IMM_FIELD:
        insn->b = code_u32(code);
        if (!reader_failed(code->reader) && insn->b >= code->module->types[insn->a].param_count)
            code_damaged(code, "field %" PRIu32 " of type %" PRIu32 ", which has %" PRIu32, insn->b,
                         insn->a, code->module->types[insn->a].param_count);
        break;
    case IMM_TYPES:
        insn->b = code_type_index(code, form);
        break;
    case IMM_TYPE_COUNT:
        insn->b = code_u32(code);
        if (insn->b > MAX_FIXED)
            code_damaged(code, "an array of more than %d values", MAX_FIXED);
        break;
    case IMM_TYPE_DATA:
        insn->b = code_index(code, IMM_DATA);
        break;
    case IMM_TYPE_ELEMENT:
        insn->b = code_index(code, IMM_ELEMENT);
        break;
    case IMM_TYPE_TAG:
    case IMM_RESUME_THROW:
        insn->b = code_index(code, IMM_TAG);
        break;
    default:
        break;
    }
}

static void read_handlers(struct code *code, struct insn *insn)
{
    insn->count = code_u32(code);
    insn->list = code->at;
    for (uint32_t i = 0; i < insn->count && !reader_failed(code->reader); i++) {
        const uint8_t *form = code_bytes(code, 1);
        if (form && *form > 1)
            code_damaged(code, "unknown form 0x%02x of a handler", *form);
        code_index(code, IMM_TAG);
        if (form && *form == 0)
            code_label(code, 0);
    }
}

static void read_memory(struct code *code, uint32_t *index)
{
    if (code->at < code->end && *code->at != 0)
        code->features |= 1u << FEATURE_MULTI_MEMORY;
    *index = code_index(code, IMM_MEMORY);
}

static void read_type_operand(struct code *code, struct insn *insn)
{
    if (insn->op == OP_CALL_REF || insn->op == OP_RETURN_CALL_REF)
        insn->a = code_type_index(code, TYPE_FUNC);
    else
        read_object(code, insn);
}

static void read_select(struct code *code, struct insn *insn)
{
    uint32_t count = code_u32(code);
    if (count != 1)
        code_damaged(code, "select of %" PRIu32 " types", count);
    insn->type = code_value(code);
}

static void read_bits(struct code *code, struct insn *insn, size_t len)
{
    const uint8_t *bytes = code_bytes(code, len);
    insn->value = 0;
    for (size_t i = len; bytes && i-- > 0;)
        insn->value = insn->value << 8 | bytes[i];
}

static void read_shuffle(struct code *code, struct insn *insn)
{
    insn->list = code_bytes(code, 16);
    for (size_t i = 0; i < 16 && !reader_failed(code->reader); i++) {
        if (insn->list[i] >= 32)
            code_damaged(code, "lane %u of 32", insn->list[i]);
    }
}

static void read_segments(struct code *code, struct insn *insn)
{
    switch (insn->immediate) {
    case IMM_TABLES:
        insn->a = code_index(code, IMM_TABLE);
        insn->b = code_index(code, IMM_TABLE);
        break;
    case IMM_TABLE_INIT:
        insn->a = code_index(code, IMM_ELEMENT);
        insn->b = code_index(code, IMM_TABLE);
        break;
    case IMM_MEMORIES:
        read_memory(code, &insn->a);
        read_memory(code, &insn->b);
        break;
    case IMM_MEMORY_INIT:
        insn->a = code_index(code, IMM_DATA);
        read_memory(code, &insn->b);
        break;
    default:
        code_control(code, insn);
    }
}

/* The immediates of references and vectors, and what is rare. */
static void read_rare(struct code *code, struct insn *insn)
{
    switch (insn->immediate) {
    case IMM_TYPE:
        return read_type_operand(code, insn);
    case IMM_FIELD:
    case IMM_TYPES:
    case IMM_TYPE_COUNT:
    case IMM_TYPE_DATA:
    case IMM_TYPE_ELEMENT:
    case IMM_TYPE_TAG:
        return read_object(code, insn);
    case IMM_RESUME:
    case IMM_RESUME_THROW:
        read_object(code, insn);
        return read_handlers(code, insn);
    case IMM_SELECT:
        return read_select(code, insn);
    case IMM_HEAP:
    case IMM_HEAP_NOT_NULL:
        insn->type = code_reference(code, insn->immediate == IMM_HEAP);
        return;
    case IMM_LANE:
        return read_lane(code, insn);
    case IMM_MEMARG_LANE:
        read_memarg(code, insn);
        return read_lane(code, insn);
    case IMM_V128:
        insn->list = code_bytes(code, 16);
        return;
    case IMM_SHUFFLE:
        return read_shuffle(code, insn);
    case IMM_FENCE:
        if (code_u32(code) != 0)
            code_damaged(code, "unknown flags of atomic.fence");
        return;
    default:
        read_segments(code, insn);
    }
}

static void read_immediate(struct code *code, struct insn *insn)
{
    switch (insn->immediate) {
    case IMM_NONE:
        return;
    case IMM_LOCAL:
    case IMM_GLOBAL:
    case IMM_TABLE:
    case IMM_DATA:
    case IMM_ELEMENT:
    case IMM_TAG:
        insn->a = code_index(code, insn->immediate);
        return;
    case IMM_MEMORY:
        return read_memory(code, &insn->a);
    case IMM_I32:
        insn->value = (uint64_t)code_signed(code, 32);
        return;
    case IMM_I64:
        insn->value = (uint64_t)code_signed(code, 64);
        return;
    case IMM_MEMARG:
        return read_memarg(code, insn);
    case IMM_F32:
        return read_bits(code, insn, 4);
    case IMM_F64:
        return read_bits(code, insn, 8);
    default:
        read_rare(code, insn);
    }
}

/* The number of an instruction whose first byte is a prefix. */
static uint32_t read_prefixed(struct code *code, uint8_t prefix)
{
    static const struct {
        uint16_t base, room;
    } prefixes[] = {{OP_PREFIX_GC, 0x100},
                    {OP_PREFIX_MISC, 0x100},
                    {OP_PREFIX_SIMD, 0x200},
                    {OP_PREFIX_THREADS, 0x100}};
    uint32_t sub = code_u32(code);
    if (sub < prefixes[prefix - FIRST_PREFIX].room)
        return prefixes[prefix - FIRST_PREFIX].base + sub;
    code_damaged(code, "unknown instruction 0x%02x, number %" PRIu32, prefix, sub);
    return 0;
}

static void unknown(struct code *code, uint32_t op)
{
    if (op < OP_PREFIX_GC)
        code_damaged(code, "unknown instruction 0x%02" PRIx32, op);
    else
        code_damaged(code, "unknown instruction 0x%02x, number %" PRIu32, *code->insn_at,
                     op % 0x100);
}

bool code_next(struct code *code, struct insn *insn)
{
    if (code->depth == 0)
        return false;
    code->insn_at = code->at;
    if (code->at == code->end) {
        code_damaged(code, "the body has no end: %zu blocks are open", code->depth);
        return false;
    }
    uint32_t op = *code->at++;
    if (op >= FIRST_PREFIX && op <= LAST_PREFIX)
        op = read_prefixed(code, (uint8_t)op);
    const struct opcode_row *row = &opcode_rows[op];
    insn->op = (uint16_t)op;
    insn->immediate = row->immediate;
    code->features |= row->feature;
    if (row->immediate == IMM_UNKNOWN)
        unknown(code, op);
    else
        read_immediate(code, insn);
    return !reader_failed(code->reader);
}
