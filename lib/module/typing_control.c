#include "module/typing_control.h"

/* Blocks. */

static void begin_block(struct typing *typing, uint16_t op, struct type_list params,
                        struct type_list results)
{
    block_open(&typing->operands, op, params, results);
    block_at(&typing->operands, 0)->set = typing->set_count;
}

static struct block finish_block(struct typing *typing)
{
    struct block block = block_close(&typing->operands);
    typing_unset_locals(typing, &block);
    return block;
}

static void open_block(struct typing *typing, const struct insn *insn)
{
    struct operands *operands = &typing->operands;
    struct type_list params = typing_none, results = typing_none;
    if (insn->block.indexed) {
        params = typing_params(typing, insn->block.index);
        results = typing_results(typing, insn->block.index);
    } else if (insn->block.value.code != BLOCK_EMPTY) {
        results = typing_one(typing, typing_pack(insn->block.value));
    }
    if (insn->op == OP_IF)
        operands_pop(operands, VALUE_I32);
    operands_pop_list(operands, params);
    begin_block(typing, insn->op, params, results);
}

/* Another part of the innermost block begins, which finds these operands: else, catch. */
static void next_part(struct typing *typing, uint16_t op, struct type_list given)
{
    struct block block = finish_block(typing);
    if (op == OP_ELSE ? block.op != OP_IF : block.op != OP_TRY && block.op != OP_CATCH)
        typing_invalid(typing, op == OP_ELSE ? "an else without an if" : "a catch without a try");
    begin_block(typing, op, given, block.results);
    /* An else is given what the block is, a catch what was thrown. */
    block_at(&typing->operands, 0)->params = block.params;
}

static void end_block(struct typing *typing)
{
    struct block block = finish_block(typing);
    if (block.op == OP_IF)
        typing_match(typing, block.params, block.results,
                     "an if without an else, of a type that changes the operands");
    operands_push_list(&typing->operands, block.results);
}

/* Branches. */

static struct type_list label_types(const struct typing *typing, uint32_t label)
{
    return block_label(block_at(&typing->operands, label));
}

static void branch_if(struct typing *typing, uint32_t label)
{
    struct type_list list = label_types(typing, label);
    operands_pop(&typing->operands, VALUE_I32);
    operands_pop_list(&typing->operands, list);
    operands_push_list(&typing->operands, list);
}

static void branch_table(struct typing *typing, const struct insn *insn)
{
    const uint8_t *list = insn->list;
    struct type_list last = {NULL, UINT32_MAX};
    uint32_t arity = 0;
    operands_pop(&typing->operands, VALUE_I32);
    for (uint32_t i = 0; i <= insn->count && !operands_failed(&typing->operands); i++) {
        struct type_list types = label_types(typing, code_list_label(&list));
        if (i > 0 && types.count != arity)
            typing_invalid(typing, "labels of br_table that take different numbers of operands");
        else if (i == 0 || types.types != last.types)
            operands_expect(&typing->operands, types);
        arity = types.count;
        last = types;
    }
    block_end_reached(&typing->operands);
}

/* Branches when the reference on the stack is null, or when it is not and then with it. */
static void branch_null(struct typing *typing, const struct insn *insn)
{
    struct operands *operands = &typing->operands;
    struct type_list taken = label_types(typing, insn->a);
    uint32_t popped = operands_pop_reference(operands), type = typing_not_null(popped);
    /* The branch is always taken: V8 does not check the code behind it as specified. */
    if (insn->op == OP_BR_ON_NON_NULL && popped == type)
        operands->lenient = true;
    if (insn->op == OP_BR_ON_NON_NULL && taken.count == 0)
        typing_invalid(typing, "a label of br_on_non_null that takes no reference");
    else if (insn->op == OP_BR_ON_NON_NULL)
        typing_match_one(typing, type, taken.types[--taken.count],
                         "a label of br_on_non_null that takes another reference");
    operands_pop_list(operands, taken);
    operands_push_list(operands, taken);
    if (insn->op == OP_BR_ON_NULL)
        operands_push(operands, type);
}

static void return_types(struct typing *typing)
{
    struct operands *operands = &typing->operands;
    operands_pop_list(operands, operands->blocks[0].results);
    block_end_reached(operands);
}

/* Calls. */

static void call(struct typing *typing, uint32_t type, bool tail)
{
    struct operands *operands = &typing->operands;
    operands_pop_list(operands, typing_params(typing, type));
    if (!tail) {
        operands_push_list(operands, typing_results(typing, type));
        return;
    }
    typing_match(typing, typing_results(typing, type), operands->blocks[0].results,
                 "a tail call of a function with other results");
    block_end_reached(operands);
}

static void call_indirect(struct typing *typing, const struct insn *insn)
{
    const struct table_type *table = &typing->module->tables[insn->b];
    typing_match_one(typing, typing_pack(table->element), VALUE_FUNCREF,
                     "an indirect call through a table that is not of functions");
    operands_pop(&typing->operands, typing_address(&table->limits));
    call(typing, insn->a, insn->op == OP_RETURN_CALL_INDIRECT);
}

/* The function that a reference on the stack is to. */
static void call_reference(struct typing *typing, const struct insn *insn)
{
    operands_pop(&typing->operands, PACKED(VALUE_REF_NULL, insn->a));
    call(typing, insn->a, insn->op == OP_RETURN_CALL_REF);
}

/* Exceptions. */

static void throw_tag(struct typing *typing, uint32_t tag)
{
    operands_pop_list(&typing->operands, typing_params(typing, typing->module->tags[tag]));
    block_end_reached(&typing->operands);
}

/* What a clause gives is what its label takes. */
static void check_clause(struct typing *typing, const struct catch_clause *clause)
{
    struct type_list given = typing_none, taken = label_types(typing, clause->label);
    if (!clause->all)
        given = typing_params(typing, typing->module->tags[clause->tag]);
    if (clause->reference && taken.count > 0)
        typing_match_one(typing, PACKED(VALUE_REF, VALUE_EXNREF - 0x80), taken.types[--taken.count],
                         "a label of a catch clause that takes no exnref");
    else if (clause->reference)
        typing_invalid(typing, "a label of a catch clause that takes no exnref");
    typing_match(typing, given, taken, "a label of a catch clause that takes other operands");
}

static void try_table(struct typing *typing, const struct insn *insn)
{
    const uint8_t *list = insn->list;
    for (uint32_t i = 0; i < insn->count; i++) {
        struct catch_clause clause = code_list_catch(&list);
        check_clause(typing, &clause);
    }
    open_block(typing, insn);
}

static void rethrow(struct typing *typing, uint32_t label)
{
    uint16_t op = block_at(&typing->operands, label)->op;
    if (op != OP_CATCH && op != OP_CATCH_ALL)
        typing_invalid(typing, "a rethrow of a block that is no catch");
    block_end_reached(&typing->operands);
}

static void delegate(struct typing *typing)
{
    struct block block = finish_block(typing);
    if (block.op != OP_TRY)
        typing_invalid(typing, "a delegate without a try");
    operands_push_list(&typing->operands, block.results);
}

/* Blocks and exceptions; false: the instruction is another one. */
static bool control_block(struct typing *typing, const struct insn *insn)
{
    switch (insn->op) {
    case OP_BLOCK:
    case OP_LOOP:
    case OP_IF:
    case OP_TRY:
        open_block(typing, insn);
        return true;
    case OP_TRY_TABLE:
        try_table(typing, insn);
        return true;
    case OP_ELSE:
        next_part(typing, insn->op, block_at(&typing->operands, 0)->params);
        return true;
    case OP_CATCH:
        next_part(typing, insn->op, typing_params(typing, typing->module->tags[insn->a]));
        return true;
    case OP_CATCH_ALL:
        next_part(typing, insn->op, typing_none);
        return true;
    case OP_DELEGATE:
        delegate(typing);
        return true;
    case OP_END:
        end_block(typing);
        return true;
    case OP_THROW:
        throw_tag(typing, insn->a);
        return true;
    case OP_RETHROW:
        rethrow(typing, insn->a);
        return true;
    default:
        return false;
    }
}

void typing_control(struct typing *typing, const struct insn *insn)
{
    if (control_block(typing, insn))
        return;
    switch (insn->op) {
    case OP_UNREACHABLE:
        block_end_reached(&typing->operands);
        return;
    case OP_THROW_REF:
        operands_pop(&typing->operands, VALUE_EXNREF);
        block_end_reached(&typing->operands);
        return;
    case OP_BR:
        operands_pop_list(&typing->operands, label_types(typing, insn->a));
        block_end_reached(&typing->operands);
        return;
    case OP_BR_IF:
        branch_if(typing, insn->a);
        return;
    case OP_BR_ON_NULL:
    case OP_BR_ON_NON_NULL:
        branch_null(typing, insn);
        return;
    case OP_BR_TABLE:
        branch_table(typing, insn);
        return;
    case OP_RETURN:
        return_types(typing);
        return;
    case OP_CALL:
    case OP_RETURN_CALL:
        call(typing, typing->module->funcs[insn->a], insn->op == OP_RETURN_CALL);
        return;
    case OP_CALL_INDIRECT:
    case OP_RETURN_CALL_INDIRECT:
        call_indirect(typing, insn);
        return;
    case OP_CALL_REF:
    case OP_RETURN_CALL_REF:
        call_reference(typing, insn);
        return;
    default:
        operands_fail(&typing->operands, MODULE_NOT_VALIDATED,
                      "an instruction of the stack switching proposal");
    }
}
