/* The types of the instructions whose operands do not depend on their block (core specification
 * 3.0, chapter 3.4; proposals threads and wide arithmetic). */
#ifndef WASME_MODULE_SIGNATURE_H
#define WASME_MODULE_SIGNATURE_H

#include "module/opcode.h"

/*
 * By enum opcode: the operands from the bottom of the stack to its top, ':' and the results, as
 * "ii:i". An empty text: the instruction is not in the table. The letters:
 *   i I f F v   i32, i64, f32, f64, v128
 *   q y n N     eqref, arrayref, i31ref, (ref i31)
 *   a b         an address in the first and in the second memory or table of the immediates
 *   m           the smaller one of both types of addresses: how much is copied
 *   e           an element of the table
 */
extern const char signatures[OP_COUNT][8];

#endif
