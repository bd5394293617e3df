#include "module/code_control.h"

#include <inttypes.h>

#include "module/code_cursor.h"

static struct block_type read_block_type(struct code *code)
{
    struct block_type block = {.value.code = BLOCK_EMPTY};
    if (code->at < code->end && *code->at == BLOCK_EMPTY) {
        code->at++;
    } else if (code->at < code->end && (*code->at & 0xc0) == 0x40) {
        block.value = code_value(code);
    } else {
        int64_t index = code_signed(code, 33);
        if (reader_failed(code->reader))
            return block;
        block = (struct block_type){.indexed = true, .index = (uint32_t)index};
        if (index < 0 || (uint64_t)index >= code->module->type_count)
            code_damaged(code, "names type %" PRId64 ", where %zu are known", index,
                         code->module->type_count);
        else if (code->module->types[index].form != TYPE_FUNC)
            code_damaged(code, "type %" PRId64 " is no function type", index);
        code->features |= 1u << FEATURE_MULTI_VALUE;
    }
    return block;
}

/* The opcode of the block that was opened last, 0 for the body itself. */
static uint8_t innermost(const struct code *code)
{
    return code->depth > 1 ? code->blocks[code->depth - 1] : 0;
}

/* `else` and the parts of a try: a part of a block begins, where `a` or `b` may have begun it. */
static void next_part(struct code *code, const struct insn *insn, uint8_t a, uint8_t b)
{
    static const char *const names[] = {
        [IMM_ELSE] = "else", [IMM_CATCH] = "catch", [IMM_CATCH_ALL] = "catch_all"};
    uint8_t is = innermost(code);
    if (reader_failed(code->reader))
        return;
    if (is == 0 || (is != a && is != b))
        code_damaged(code, "%s without its block", names[insn->immediate]);
    else
        code->blocks[code->depth - 1] = (uint8_t)insn->op;
}

static void read_cast_branch(struct code *code, struct insn *insn)
{
    const uint8_t *flags = code_bytes(code, 1);
    if (flags && *flags > 3)
        code_damaged(code, "unknown flags 0x%02x of a cast", *flags);
    bool from_null = flags && (*flags & 1), to_null = flags && (*flags & 2);
    insn->a = code_label(code, 0);
    insn->type = code_reference(code, from_null);
    insn->to = code_reference(code, to_null);
}

static void read_catches(struct code *code, struct insn *insn)
{
    insn->block = read_block_type(code);
    insn->count = code_u32(code);
    insn->list = code->at;
    for (uint32_t i = 0; i < insn->count && !reader_failed(code->reader); i++) {
        const uint8_t *form = code_bytes(code, 1);
        if (form && *form > 3)
            code_damaged(code, "unknown form 0x%02x of a catch clause", *form);
        if (form && *form < 2)
            code_index(code, IMM_TAG);
        code_label(code, 0);
    }
    code_push(code, insn->op);
}

static void read_br_table(struct code *code, struct insn *insn)
{
    insn->count = code_u32(code);
    insn->list = code->at;
    if (insn->count > MODULE_MAX_BR_TABLE)
        code_damaged(code, "a br_table of %" PRIu32 " labels", insn->count);
    for (uint32_t i = 0; i <= insn->count && !reader_failed(code->reader); i++)
        code_label(code, 0);
}

static void read_func(struct code *code, struct insn *insn)
{
    insn->a = code_index(code, IMM_FUNC);
    if (insn->op == OP_REF_FUNC && !reader_failed(code->reader) &&
        !(code->module->declared && code->module->declared[insn->a]))
        code_damaged(code,
                     "ref.func of function %" PRIu32
                     ", which no export, global or element segment names",
                     insn->a);
}

/* The table of a call_indirect was a zero byte in 1.0. */
static void read_call_indirect(struct code *code, struct insn *insn)
{
    insn->a = code_type_index(code, TYPE_FUNC);
    if (code->at < code->end && *code->at != 0)
        code->features |= 1u << FEATURE_REFERENCE_TYPES;
    insn->b = code_index(code, IMM_TABLE);
}

static void read_delegate(struct code *code, struct insn *insn)
{
    if (innermost(code) != OP_TRY) {
        code_damaged(code, "delegate without its try");
        return;
    }
    insn->a = code_label(code, 1);
    if (!reader_failed(code->reader))
        code_end_block(code);
}

static void read_rethrow(struct code *code, struct insn *insn)
{
    insn->a = code_label(code, 0);
    if (insn->op != OP_RETHROW || reader_failed(code->reader))
        return;
    size_t at = code->depth - 1 - insn->a;
    if (at == 0 || (code->blocks[at] != OP_CATCH && code->blocks[at] != OP_CATCH_ALL))
        code_damaged(code, "rethrow outside a catch");
}

/* What begins, ends and leaves blocks. */
void code_control(struct code *code, struct insn *insn)
{
    switch (insn->immediate) {
    case IMM_BLOCK:
        insn->block = read_block_type(code);
        return code_push(code, insn->op);
    case IMM_ELSE:
        return next_part(code, insn, OP_IF, OP_IF);
    case IMM_CATCH:
        insn->a = code_index(code, IMM_TAG);
        return next_part(code, insn, OP_TRY, OP_CATCH);
    case IMM_CATCH_ALL:
        return next_part(code, insn, OP_TRY, OP_CATCH);
    case IMM_END:
        return code_end_block(code);
    case IMM_LABEL:
        return read_rethrow(code, insn);
    case IMM_BR_TABLE:
        return read_br_table(code, insn);
    case IMM_DELEGATE:
        return read_delegate(code, insn);
    case IMM_TRY_TABLE:
        return read_catches(code, insn);
    case IMM_CAST_BRANCH:
        return read_cast_branch(code, insn);
    case IMM_CALL_INDIRECT:
        return read_call_indirect(code, insn);
    case IMM_FUNC:
        return read_func(code, insn);
    default:
        code_damaged(code, "unknown instruction");
    }
}
