/* Constant expressions (core specification 3.4.14, "Constant Expressions"), and their types. */
#ifndef WASME_MODULE_EXPR_H
#define WASME_MODULE_EXPR_H

#include "module/module.h"
#include "module/reader.h"

#define EXPR_MAX_VALUES 100000 /* that are on the stack together */

/* Passes over a constant expression, which has to give one value of the type `wanted`. A failure is
 * kept in the reader. */
void expr_read(struct reader *reader, struct module *out, struct value_type wanted);

/* Notes that ref.func may name the function: its index is in range, and all functions are known. */
void expr_declare(struct module *out, uint32_t func);

#endif
