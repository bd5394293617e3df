/* The instructions that begin, end and leave blocks, and calls: for code_insn.c alone. */
#ifndef WASME_MODULE_CODE_CONTROL_H
#define WASME_MODULE_CODE_CONTROL_H

#include "module/code.h"

/* Reads the immediate of such an instruction, or fails for another. */
void code_control(struct code *code, struct insn *insn);

#endif
