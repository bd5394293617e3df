#include "module/expr.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "module/opcode.h"
#include "module/type_read.h"
#include "module/type_same.h"

#define HEAP_I31 (-0x14)
#define HEAP_EXTERN (-0x11)
#define HEAP_ANY (-0x12)
#define CODE_ANYREF 0x6e

#define MAX_FIXED 10000 /* operands of array.new_fixed: the limit of the engines */

struct expr {
    struct reader *reader;
    struct module *out;
    uint64_t start;           /* of the instruction that is read */
    struct value_type *stack; /* owned */
    size_t depth;
};

static void expr_release(struct expr *expr)
{
    free(expr->stack);
}

void expr_declare(struct module *out, uint32_t func)
{
    if (!out->declared)
        out->declared = mem_zero(out->func_count, sizeof(*out->declared));
    out->declared[func] = true;
}

static void push(struct expr *expr, struct value_type type)
{
    if (expr->depth >= EXPR_MAX_VALUES)
        reader_damaged(expr->reader, expr->start, "a constant expression of more than %d values",
                       EXPR_MAX_VALUES);
    if (reader_failed(expr->reader))
        return;
    expr->stack = mem_grow(expr->stack, expr->depth, sizeof(*expr->stack));
    expr->stack[expr->depth++] = type;
}

static void push_code(struct expr *expr, uint8_t code)
{
    push(expr, (struct value_type){.code = code});
}

static struct value_type pop(struct expr *expr, struct value_type wanted)
{
    if (reader_failed(expr->reader))
        return wanted;
    AUTO_FREE char *text = NULL;
    if (expr->depth == 0) {
        text = value_type_text(wanted);
        reader_damaged(expr->reader, expr->start,
                       "a constant expression has no value where %s is needed", text);
        return wanted;
    }
    struct value_type is = expr->stack[--expr->depth];
    if (type_matches(expr->out, is, wanted))
        return is;
    AUTO_FREE char *found = value_type_text(is);
    text = value_type_text(wanted);
    reader_damaged(expr->reader, expr->start, "a constant expression has %s where %s is needed",
                   found, text);
    return wanted;
}

static void pop_code(struct expr *expr, uint8_t code)
{
    pop(expr, (struct value_type){.code = code});
}

static void arithmetic(struct expr *expr, uint8_t code)
{
    pop_code(expr, code);
    pop_code(expr, code);
    push_code(expr, code);
    expr->out->features |= 1u << FEATURE_EXTENDED_CONST;
}

static void global_get(struct expr *expr)
{
    const struct module *out = expr->out;
    uint32_t index = reader_u32(expr->reader);
    if (index >= out->global_count)
        reader_damaged(expr->reader, expr->start, "global %" PRIu32 ", where %zu are known", index,
                       out->global_count);
    else if (out->globals[index].mutable)
        reader_damaged(expr->reader, expr->start,
                       "a constant expression reads global %" PRIu32 ", which may change", index);
    if (reader_failed(expr->reader))
        return;
    if (index >= out->imported_globals)
        expr->out->features |= 1u << FEATURE_GC;
    push(expr, out->globals[index].value);
}

static void ref_func(struct expr *expr)
{
    struct module *out = expr->out;
    uint32_t index = reader_u32(expr->reader);
    if (index >= out->func_count)
        reader_damaged(expr->reader, expr->start, "function %" PRIu32 ", where %zu are known",
                       index, out->func_count);
    if (reader_failed(expr->reader))
        return;
    expr_declare(out, index);
    out->features |= 1u << FEATURE_REFERENCE_TYPES;
    push(expr, (struct value_type){.code = VALUE_REF, .heap = (int32_t)out->funcs[index]});
}

/* The type of the operand for a field. */
static struct value_type operand_of(struct value_type field)
{
    field.code &= (uint8_t)~FIELD_MUTABLE;
    if (field.code == VALUE_I8 || field.code == VALUE_I16)
        field.code = VALUE_I32;
    return field;
}

/* Takes the values of the fields of a new struct, or `count` times that of an array. */
static void pop_fields(struct expr *expr, const struct module_type *type, uint32_t count)
{
    for (uint32_t i = count; i-- > 0 && !reader_failed(expr->reader);)
        pop(expr, operand_of(type->values[type->form == TYPE_ARRAY ? 0 : i]));
}

static void check_defaults(struct expr *expr, const struct module_type *type)
{
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (operand_of(type->values[i]).code == VALUE_REF)
            reader_damaged(expr->reader, expr->start, "a field has no default value");
    }
}

static void new_object(struct expr *expr, uint32_t sub)
{
    struct reader *reader = expr->reader;
    enum type_form form = sub <= 1 ? TYPE_STRUCT : TYPE_ARRAY;
    uint32_t index = type_read_index(reader, expr->out, form);
    uint32_t fixed = sub == 8 ? reader_u32(reader) : 0;
    if (fixed > MAX_FIXED)
        reader_damaged(reader, expr->start, "an array of more than %d values", MAX_FIXED);
    if (reader_failed(reader))
        return;
    const struct module_type *type = &expr->out->types[index];
    if (sub == 6 || sub == 7) /* array.new and array.new_default: the length */
        pop_code(expr, VALUE_I32);
    if (sub == 1 || sub == 7)
        check_defaults(expr, type);
    else
        pop_fields(expr, type, sub == 8 ? fixed : type->param_count);
    push(expr, (struct value_type){.code = VALUE_REF, .heap = (int32_t)index});
}

static void not_constant(struct expr *expr, uint32_t op)
{
    reader_damaged(expr->reader, expr->start,
                   "the instruction 0x%02" PRIx32 " is not allowed in a constant expression", op);
}

static void convert(struct expr *expr, uint8_t from, int32_t to)
{
    struct value_type is = pop(expr, (struct value_type){.code = from});
    if (is.code == VALUE_REF)
        push(expr, (struct value_type){.code = VALUE_REF, .heap = to});
    else
        push_code(expr, (uint8_t)(to + 0x80));
}

/* struct.new and the like: of the extension for garbage collection. */
static void gc_instruction(struct expr *expr)
{
    uint32_t sub = reader_u32(expr->reader);
    expr->out->features |= 1u << FEATURE_GC;
    if (sub <= 1 || (sub >= 6 && sub <= 8)) {
        new_object(expr, sub);
        expr->out->makes_arrays |= sub == 6 || sub == 7;
    } else if (sub == 26) { /* any.convert_extern */
        convert(expr, VALUE_EXTERNREF, HEAP_ANY);
    } else if (sub == 27) { /* extern.convert_any */
        convert(expr, CODE_ANYREF, HEAP_EXTERN);
    } else if (sub == 28) { /* ref.i31 */
        pop_code(expr, VALUE_I32);
        push(expr, (struct value_type){.code = VALUE_REF, .heap = HEAP_I31});
    } else {
        not_constant(expr, 0xfb00 + (sub & 0xff));
    }
}

static void simd_instruction(struct expr *expr)
{
    uint32_t sub = reader_u32(expr->reader);
    expr->out->features |= 1u << FEATURE_SIMD;
    if (sub != 12) /* v128.const */
        not_constant(expr, 0xfd00 + (sub & 0xff));
    reader_skip(expr->reader, 16);
    push_code(expr, VALUE_V128);
}

static void reference_instruction(struct expr *expr, uint8_t op)
{
    if (op == OP_REF_FUNC) {
        ref_func(expr);
    } else if (op == OP_REF_NULL) {
        expr->out->features |= 1u << FEATURE_REFERENCE_TYPES;
        push(expr, type_read_heap(expr->reader, expr->out));
    } else {
        not_constant(expr, op);
    }
}

static void instruction(struct expr *expr, uint8_t op)
{
    switch (op) {
    case OP_I32_CONST:
        reader_signed(expr->reader, 32);
        return push_code(expr, VALUE_I32);
    case OP_I64_CONST:
        reader_signed(expr->reader, 64);
        return push_code(expr, VALUE_I64);
    case OP_F32_CONST:
        reader_skip(expr->reader, 4);
        return push_code(expr, VALUE_F32);
    case OP_F64_CONST:
        reader_skip(expr->reader, 8);
        return push_code(expr, VALUE_F64);
    case OP_GLOBAL_GET:
        return global_get(expr);
    case 0x6a: /* i32.add, i32.sub, i32.mul */
    case 0x6b:
    case 0x6c:
        return arithmetic(expr, VALUE_I32);
    case 0x7c: /* i64.add, i64.sub, i64.mul */
    case 0x7d:
    case 0x7e:
        return arithmetic(expr, VALUE_I64);
    case 0xfb:
        return gc_instruction(expr);
    case 0xfd:
        return simd_instruction(expr);
    default:
        return reference_instruction(expr, op);
    }
}

void expr_read(struct reader *reader, struct module *out, struct value_type wanted)
{
    AUTO(expr_release) struct expr expr = {.reader = reader, .out = out};
    while (!reader_failed(reader)) {
        expr.start = reader->at;
        uint8_t op = reader_byte(reader);
        if (op == OP_END)
            break;
        instruction(&expr, op);
    }
    pop(&expr, wanted);
    if (expr.depth && !reader_failed(reader))
        reader_damaged(reader, expr.start, "a constant expression gives more than one value");
}
