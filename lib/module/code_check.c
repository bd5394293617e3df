#include "module/code.h"

void code_check(struct code *code, uint64_t *instructions)
{
    uint32_t count;
    struct value_type type;
    struct insn insn;
    while (code_locals(code, &count, &type))
        ;
    *instructions = code->offset + (uint64_t)(code->at - code->start);
    while (code_next(code, &insn))
        ;
}
