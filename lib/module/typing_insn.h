/* Typing one instruction of any kind. */
#ifndef WASME_MODULE_TYPING_INSN_H
#define WASME_MODULE_TYPING_INSN_H

#include "module/typing.h"

/* The first fault is kept in typing->operands. */
void typing_insn(struct typing *typing, const struct insn *insn);

#endif
