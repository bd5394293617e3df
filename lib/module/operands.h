/*
 * The stacks of the validation algorithm (WebAssembly core specification 3.0, appendix "Validation
 * Algorithm"): the types of the operands, and the blocks that are open. The first fault is kept, and
 * what is done after it has no meaning; a caller asks operands_failed() after each instruction.
 */
#ifndef WASME_MODULE_OPERANDS_H
#define WASME_MODULE_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/module.h"
#include "module/validate.h"

#define OPERANDS_MAX 1000000      /* operands of one function; more are not validated ... */
#define OPERANDS_MAX_DEPTH 100000 /* ... nor are deeper blocks */
/* An instruction pushes no more than this. */
#define OPERANDS_ROOM (MODULE_MAX_RESULTS + MODULE_MAX_PARAMS + 1)

/* Types in one number: the code, and above it the heap type. */
#define PACKED(code, heap) ((uint32_t)(code) | (uint32_t)(heap) << 8)
/* The type of an operand that code which is never reached would have: it fits any. */
#define PACKED_ANY 0u
bool packed_reference(uint32_t type);
/* Does an operand of the type `is` do where `wanted` is expected? */
bool packed_matches(const struct module *module, uint32_t is, uint32_t wanted);

struct type_list {
    const uint32_t *types; /* borrowed */
    uint32_t count;
};
bool list_matches(const struct module *module, struct type_list is, struct type_list wanted);

struct block {
    uint16_t op; /* enum opcode: what opened it, or its last else or catch */
    bool unreachable;
    size_t base; /* how many operands lie below its own */
    size_t set;  /* for who tracks locals: how many were set when it began */
    struct type_list params, results;
};

struct operands {
    const struct module *module; /* borrowed */
    uint32_t *types;
    size_t count, room;
    size_t base; /* of the innermost block */
    struct block *blocks;
    size_t depth, block_room;
    bool lenient;         /* engines differ in what they check from here to the function's end */
    enum validity result; /* MODULE_VALID while nothing failed */
    char *why;            /* owned */
};

void operands_release(struct operands *operands); /* usable with AUTO() */
/* Forgets all blocks and operands, for the next function. */
void operands_reset(struct operands *operands);

/* Keeps the first fault only. */
void operands_fail(struct operands *operands, enum validity result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool operands_failed(const struct operands *operands);

/* Makes room for what the next instruction pushes; false: there are too many. */
bool operands_reserve(struct operands *operands);
void operands_push_list(struct operands *operands, struct type_list list);
/* Each takes operands from the stack; the last of the list is on top. */
uint32_t operands_pop_any(struct operands *operands);
uint32_t operands_pop_reference(struct operands *operands);
void operands_pop_slowly(struct operands *operands, uint32_t expected);
void operands_pop_list(struct operands *operands, struct type_list list);
/* The operands of these types are on the stack, and stay there. */
void operands_expect(struct operands *operands, struct type_list list);

void block_open(struct operands *operands, uint16_t op, struct type_list params,
                struct type_list results);
/* The results of the innermost block lie on the stack and nothing else: takes them, and closes
 * it. */
struct block block_close(struct operands *operands);
/* The block `label` blocks outwards. */
struct block *block_at(const struct operands *operands, uint32_t label);
/* What a branch to the block takes. */
struct type_list block_label(const struct block *block);
/* The code up to the next end or else is never reached. */
void block_end_reached(struct operands *operands);

static inline void operands_push(struct operands *operands, uint32_t type)
{
    operands->types[operands->count++] = type;
}

static inline void operands_pop(struct operands *operands, uint32_t expected)
{
    if (operands->count > operands->base && operands->types[operands->count - 1] == expected)
        operands->count--;
    else
        operands_pop_slowly(operands, expected);
}

#endif
