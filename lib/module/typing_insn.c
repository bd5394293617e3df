#include "module/typing_insn.h"

#include "module/signature.h"
#include "module/typing_control.h"
#include "module/typing_gc.h"

/* The memories and tables of an instruction. */

/* The limits of what the instruction works on; `second`: what it copies from. */
static const struct limits *place(const struct typing *typing, const struct insn *insn, bool second)
{
    const struct module *module = typing->module;
    switch ((enum immediate)insn->immediate) {
    case IMM_TABLE:
    case IMM_TABLES:
        return &module->tables[second ? insn->b : insn->a].limits;
    case IMM_TABLE_INIT:
        return &module->tables[insn->b].limits;
    case IMM_MEMORY_INIT:
        return &module->memories[insn->b];
    default:
        return &module->memories[second ? insn->b : insn->a];
    }
}

/* The references that have a letter. */
#define EQREF 0x6d
#define ARRAYREF 0x6a
#define I31REF 0x6c

static uint32_t letter_type(const struct typing *typing, const struct insn *insn, char letter)
{
    switch (letter) {
    case 'i':
        return VALUE_I32;
    case 'I':
        return VALUE_I64;
    case 'f':
        return VALUE_F32;
    case 'F':
        return VALUE_F64;
    case 'v':
        return VALUE_V128;
    case 'q':
        return EQREF;
    case 'y':
        return ARRAYREF;
    case 'n':
        return I31REF;
    case 'N':
        return PACKED(VALUE_REF, I31REF - 0x80);
    case 'e':
        return typing_pack(typing->module->tables[insn->a].element);
    case 'a':
        return typing_address(place(typing, insn, false));
    case 'b':
        return typing_address(place(typing, insn, true));
    default:
        return place(typing, insn, false)->wide ? typing_address(place(typing, insn, true))
                                                : VALUE_I32;
    }
}

static void apply(struct typing *typing, const struct insn *insn, const char *signature)
{
    struct operands *operands = &typing->operands;
    const char *colon = signature;
    while (*colon != ':')
        colon++;
    for (const char *at = colon; at-- > signature;)
        operands_pop(operands, letter_type(typing, insn, *at));
    while (*++colon)
        operands_push(operands, letter_type(typing, insn, *colon));
}

/* Elements of type `from` go into a table of type `to`. */
static void copy_elements(struct typing *typing, struct value_type from, struct value_type to)
{
    typing_match_one(typing, typing_pack(from), typing_pack(to),
                     "the elements are not of the type of the table");
}

/* What the row of an instruction cannot say. */
static void check_place(struct typing *typing, const struct insn *insn)
{
    const struct module *module = typing->module;
    switch ((enum immediate)insn->immediate) {
    case IMM_TABLES:
        copy_elements(typing, module->tables[insn->b].element, module->tables[insn->a].element);
        return;
    case IMM_TABLE_INIT:
        copy_elements(typing, module->elements[insn->a], module->tables[insn->b].element);
        return;
    case IMM_MEMARG:
    case IMM_MEMARG_LANE:
        if (insn->value > UINT32_MAX && !module->memories[insn->a].wide)
            typing_invalid(typing, "an offset of more than 32 bits in a memory of 32 bits");
        return;
    default:
        return;
    }
}

/* Variables. */

static void local(struct typing *typing, const struct insn *insn)
{
    struct operands *operands = &typing->operands;
    uint32_t type = typing->locals[insn->a];
    if (insn->op == OP_LOCAL_GET) {
        if (typing->unset[insn->a])
            operands_fail(operands, MODULE_INVALID, "local %u has no value yet", insn->a);
    } else {
        operands_pop(operands, type);
        typing_set_local(typing, insn->a);
    }
    if (insn->op != OP_LOCAL_SET)
        operands_push(operands, type);
}

static void global(struct typing *typing, const struct insn *insn)
{
    const struct global_type *type = &typing->module->globals[insn->a];
    if (insn->op == OP_GLOBAL_GET) {
        operands_push(&typing->operands, typing_pack(type->value));
        return;
    }
    if (!type->mutable)
        operands_fail(&typing->operands, MODULE_INVALID, "global %u is not mutable", insn->a);
    operands_pop(&typing->operands, typing_pack(type->value));
}

/* References and select. */

static void select_any(struct typing *typing)
{
    struct operands *operands = &typing->operands;
    uint32_t type, other;
    operands_pop(operands, VALUE_I32);
    type = operands_pop_any(operands);
    other = operands_pop_any(operands);
    if (type == PACKED_ANY)
        type = other;
    if (packed_reference(type) || (other != PACKED_ANY && other != type))
        typing_invalid(typing, "a select without a type, of references or of two types");
    operands_push(operands, type);
}

static void select_typed(struct typing *typing, uint32_t type)
{
    struct operands *operands = &typing->operands;
    operands_pop(operands, VALUE_I32);
    operands_pop(operands, type);
    operands_pop(operands, type);
    operands_push(operands, type);
}

/* Heap types that only null has: from none to nocont. */
#define HEAP_NONE (-15)
#define HEAP_NOCONT (-11)

static void as_non_null(struct typing *typing)
{
    uint32_t type = typing_not_null(operands_pop_reference(&typing->operands));
    int32_t heap = (int32_t)type >> 8;
    /* It always traps: V8 does not check the code behind it as the specification does. */
    if (heap >= HEAP_NONE && heap <= HEAP_NOCONT)
        typing->operands.lenient = true;
    operands_push(&typing->operands, type);
}

static void check_value(struct typing *typing, const struct insn *insn)
{
    switch (insn->op) {
    case OP_LOCAL_GET:
    case OP_LOCAL_SET:
    case OP_LOCAL_TEE:
        local(typing, insn);
        return;
    case OP_GLOBAL_GET:
    case OP_GLOBAL_SET:
        global(typing, insn);
        return;
    case OP_DROP:
        operands_pop_any(&typing->operands);
        return;
    case OP_SELECT:
        select_any(typing);
        return;
    case OP_SELECT_TYPED:
        select_typed(typing, typing_pack(insn->type));
        return;
    case OP_REF_NULL:
        operands_push(&typing->operands, typing_pack(insn->type));
        return;
    case OP_REF_IS_NULL:
        operands_pop_reference(&typing->operands);
        operands_push(&typing->operands, VALUE_I32);
        return;
    case OP_REF_AS_NON_NULL:
        as_non_null(typing);
        return;
    case OP_REF_FUNC:
        operands_push(&typing->operands, PACKED(VALUE_REF, typing->module->funcs[insn->a]));
        return;
    default:
        if (insn->op >= OP_PREFIX_GC && insn->op < OP_PREFIX_MISC)
            typing_gc(typing, insn);
        else
            typing_control(typing, insn);
    }
}

void typing_insn(struct typing *typing, const struct insn *insn)
{
    const char *signature = signatures[insn->op];
    if (!operands_reserve(&typing->operands))
        return;
    if (signature[0] == '\0') {
        check_value(typing, insn);
        return;
    }
    apply(typing, insn, signature);
    check_place(typing, insn);
}
