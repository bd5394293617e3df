/* Typing blocks, branches, calls and exceptions. */
#ifndef WASME_MODULE_TYPING_CONTROL_H
#define WASME_MODULE_TYPING_CONTROL_H

#include "module/typing.h"

/* An instruction that is none of these is not known. */
void typing_control(struct typing *typing, const struct insn *insn);

#endif
