#include "module/typing_gc.h"

#include "module/type_same.h"

/* The codes below OP_PREFIX_GC. */
enum {
    STRUCT_NEW = 0x00,
    STRUCT_NEW_DEFAULT = 0x01,
    STRUCT_GET = 0x02,
    STRUCT_GET_S = 0x03,
    STRUCT_GET_U = 0x04,
    STRUCT_SET = 0x05,
    ARRAY_NEW = 0x06,
    ARRAY_NEW_DEFAULT = 0x07,
    ARRAY_NEW_FIXED = 0x08,
    ARRAY_NEW_DATA = 0x09,
    ARRAY_NEW_ELEM = 0x0a,
    ARRAY_GET = 0x0b,
    ARRAY_GET_S = 0x0c,
    ARRAY_GET_U = 0x0d,
    ARRAY_SET = 0x0e,
    ARRAY_FILL = 0x10,
    ARRAY_COPY = 0x11,
    ARRAY_INIT_DATA = 0x12,
    ARRAY_INIT_ELEM = 0x13,
    REF_TEST = 0x14,
    REF_TEST_NULL = 0x15,
    REF_CAST = 0x16,
    REF_CAST_NULL = 0x17,
    BR_ON_CAST = 0x18,
    BR_ON_CAST_FAIL = 0x19,
    ANY_CONVERT_EXTERN = 0x1a,
    EXTERN_CONVERT_ANY = 0x1b,
};

#define ANYREF 0x6e

/* Fields. */

static struct value_type field_of(const struct typing *typing, uint32_t type, uint32_t field)
{
    struct value_type value = typing->module->types[type].values[field];
    value.code &= (uint8_t)~FIELD_MUTABLE;
    return value;
}

static bool is_packed(struct value_type field)
{
    return field.code == VALUE_I8 || field.code == VALUE_I16;
}

/* Is it made of bytes, so that a data segment can fill it? */
static bool is_plain(struct value_type field)
{
    return is_packed(field) || field.code >= VALUE_V128;
}

/* The type of the operand that is read from the field, or written to it. */
static uint32_t operand_of(struct value_type field)
{
    return is_packed(field) ? VALUE_I32 : typing_pack(field);
}

static void expect_mutable(struct typing *typing, uint32_t type, uint32_t field)
{
    if (!(typing->module->types[type].values[field].code & FIELD_MUTABLE))
        typing_invalid(typing, "a field that is not mutable is written");
}

static void pop_reference(struct typing *typing, uint32_t type)
{
    operands_pop(&typing->operands, PACKED(VALUE_REF_NULL, type));
}

static void pop_numbers(struct typing *typing, int count)
{
    while (count-- > 0)
        operands_pop(&typing->operands, VALUE_I32);
}

static void get(struct typing *typing, const struct insn *insn, uint32_t at, bool extends)
{
    struct value_type field = field_of(typing, insn->a, at);
    if (is_packed(field) != extends)
        typing_invalid(typing, extends ? "a field that is not packed is extended"
                                       : "a packed field is read without extending it");
    pop_reference(typing, insn->a);
    operands_push(&typing->operands, operand_of(field));
}

static void set(struct typing *typing, const struct insn *insn, uint32_t at)
{
    expect_mutable(typing, insn->a, at);
    operands_pop(&typing->operands, operand_of(field_of(typing, insn->a, at)));
}

/* New structs and arrays. */

static void new_struct(struct typing *typing, const struct insn *insn, bool by_default)
{
    for (uint32_t i = typing->module->types[insn->a].param_count; i-- > 0;) {
        struct value_type field = field_of(typing, insn->a, i);
        if (!by_default)
            operands_pop(&typing->operands, operand_of(field));
        else if (field.code == VALUE_REF)
            typing_invalid(typing, "a struct has a field without a default");
    }
    operands_push(&typing->operands, PACKED(VALUE_REF, insn->a));
}

static void expect_source(struct typing *typing, const struct insn *insn)
{
    struct value_type field = field_of(typing, insn->a, 0);
    if (insn->immediate == IMM_TYPE_ELEMENT)
        typing_match_one(typing, typing_pack(typing->module->elements[insn->b]), operand_of(field),
                         "a segment of elements is not of the type of the array");
    else if (!is_plain(field))
        typing_invalid(typing, "a data segment for an array of references");
}

static void new_array(struct typing *typing, const struct insn *insn, int number)
{
    struct operands *operands = &typing->operands;
    struct value_type field = field_of(typing, insn->a, 0);
    uint32_t values = number == ARRAY_NEW_FIXED ? insn->b : number == ARRAY_NEW;
    if (number == ARRAY_NEW_DATA || number == ARRAY_NEW_ELEM) {
        expect_source(typing, insn);
        pop_numbers(typing, 1);
    }
    if (number == ARRAY_NEW_DEFAULT && field.code == VALUE_REF)
        typing_invalid(typing, "an array has elements without a default");
    if (number != ARRAY_NEW_FIXED)
        pop_numbers(typing, 1);
    for (uint32_t i = 0; i < values && !operands_failed(operands); i++)
        operands_pop(operands, operand_of(field));
    operands_push(operands, PACKED(VALUE_REF, insn->a));
}

/* Writing a part of an array. */

static void fill_array(struct typing *typing, const struct insn *insn, int number)
{
    struct operands *operands = &typing->operands;
    expect_mutable(typing, insn->a, 0);
    pop_numbers(typing, 1);
    if (number == ARRAY_FILL) {
        operands_pop(operands, operand_of(field_of(typing, insn->a, 0)));
    } else if (number == ARRAY_COPY) {
        struct value_type to = field_of(typing, insn->a, 0), from = field_of(typing, insn->b, 0);
        if (!type_matches(typing->module, from, to))
            typing_invalid(typing, "array.copy from an array of another type");
        pop_numbers(typing, 1);
        pop_reference(typing, insn->b);
    } else {
        expect_source(typing, insn);
        pop_numbers(typing, 1);
    }
    pop_numbers(typing, 1);
    pop_reference(typing, insn->a);
}

/* Casts. */

/* The reference to everything that the type is a part of. */
static uint32_t top_of(const struct typing *typing, uint32_t type)
{
    static const uint32_t tops[] = {VALUE_FUNCREF, VALUE_EXTERNREF, VALUE_EXNREF, ANYREF};
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]) - 1; i++) {
        if (packed_matches(typing->module, type, tops[i]))
            return tops[i];
    }
    return ANYREF;
}

static void cast(struct typing *typing, const struct insn *insn, bool test)
{
    uint32_t type = typing_pack(insn->type);
    operands_pop(&typing->operands, top_of(typing, type));
    operands_push(&typing->operands, test ? VALUE_I32 : type);
}

static void cast_branch(struct typing *typing, const struct insn *insn, bool on_fail)
{
    struct operands *operands = &typing->operands;
    struct type_list taken = block_label(block_at(operands, insn->a));
    uint32_t from = typing_pack(insn->type), to = typing_pack(insn->to);
    /* A cast to a type with null takes null as well: otherwise no null is left. */
    uint32_t rest = (to & 0xff) == VALUE_REF ? from : typing_not_null(from);
    typing_match_one(typing, to, from, "a cast to a type that is no part of the first");
    if (taken.count == 0)
        typing_invalid(typing, "a label of a cast that takes no reference");
    else
        typing_match_one(typing, on_fail ? rest : to, taken.types[--taken.count],
                         "a label of a cast that takes another reference");
    operands_pop(operands, from);
    operands_pop_list(operands, taken);
    operands_push_list(operands, taken);
    operands_push(operands, on_fail ? to : rest);
}

static void convert(struct typing *typing, uint32_t from, uint32_t to)
{
    uint32_t type = operands_pop_reference(&typing->operands);
    typing_match_one(typing, type, from, "a conversion of another reference");
    operands_push(&typing->operands, (type & 0xff) == VALUE_REF ? typing_not_null(to) : to);
}

void typing_gc(struct typing *typing, const struct insn *insn)
{
    int number = insn->op - OP_PREFIX_GC;
    switch (number) {
    case STRUCT_NEW:
    case STRUCT_NEW_DEFAULT:
        new_struct(typing, insn, number == STRUCT_NEW_DEFAULT);
        return;
    case STRUCT_GET:
    case STRUCT_GET_S:
    case STRUCT_GET_U:
        get(typing, insn, insn->b, number != STRUCT_GET);
        return;
    case STRUCT_SET:
        set(typing, insn, insn->b);
        pop_reference(typing, insn->a);
        return;
    case ARRAY_NEW ... ARRAY_NEW_ELEM:
        new_array(typing, insn, number);
        return;
    case ARRAY_GET:
    case ARRAY_GET_S:
    case ARRAY_GET_U:
        pop_numbers(typing, 1);
        get(typing, insn, 0, number != ARRAY_GET);
        return;
    case ARRAY_SET:
        set(typing, insn, 0);
        pop_numbers(typing, 1);
        pop_reference(typing, insn->a);
        return;
    case ARRAY_FILL ... ARRAY_INIT_ELEM:
        fill_array(typing, insn, number);
        return;
    case REF_TEST ... REF_CAST_NULL:
        cast(typing, insn, number <= REF_TEST_NULL);
        return;
    case BR_ON_CAST:
    case BR_ON_CAST_FAIL:
        cast_branch(typing, insn, number == BR_ON_CAST_FAIL);
        return;
    case ANY_CONVERT_EXTERN:
        convert(typing, VALUE_EXTERNREF, ANYREF);
        return;
    case EXTERN_CONVERT_ANY:
        convert(typing, ANYREF, VALUE_EXTERNREF);
        return;
    default:
        operands_fail(&typing->operands, MODULE_NOT_VALIDATED, "an instruction that is not known");
    }
}
