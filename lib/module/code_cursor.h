/* What stands behind instructions: numbers (core specification 5.2.2), types, the nesting of
 * blocks. For the files that implement code.h alone. A failure ends the body. */
#ifndef WASME_MODULE_CODE_CURSOR_H
#define WASME_MODULE_CODE_CURSOR_H

#include "module/code.h"

uint64_t code_slow_unsigned(struct code *code, int bits);
int64_t code_signed(struct code *code, int bits);

static inline uint32_t code_u32(struct code *code)
{
    if (code->at < code->end && *code->at < 0x80)
        return *code->at++;
    return (uint32_t)code_slow_unsigned(code, 32);
}

/* The next `len` bytes, or NULL for a failure. */
const uint8_t *code_bytes(struct code *code, size_t len);

struct value_type code_value(struct code *code);
/* A heap type: a number that type_settle() knows or does not know. */
int32_t code_heap(struct code *code);
/* Checks the type, and brings it to its shortest form. */
void code_settle(struct code *code, struct value_type *type);

/* A reference to a heap type. */
struct value_type code_reference(struct code *code, bool null);

/* The number of something that the module or the function has; of a type of that form. */
uint32_t code_index(struct code *code, enum immediate kind);
uint32_t code_type_index(struct code *code, enum type_form form);
/* A label, counted from the block that is `inner` blocks further out. */
uint32_t code_label(struct code *code, size_t inner);

/* Opens a block, and ends the one that was opened last. */
void code_push(struct code *code, uint16_t op);
void code_end_block(struct code *code);

#endif
