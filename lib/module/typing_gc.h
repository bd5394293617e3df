/* Typing structs, arrays and casts: the instructions of the prefix 0xfb that are not in the table
 * of module/signature.h (core specification 3.0, 3.4.6 to 3.4.9). */
#ifndef WASME_MODULE_TYPING_GC_H
#define WASME_MODULE_TYPING_GC_H

#include "module/typing.h"

void typing_gc(struct typing *typing, const struct insn *insn);

#endif
