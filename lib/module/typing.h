/* Typing the body of a function, instruction by instruction. Here is what surrounds it;
 * module/typing_insn.h has the instructions. */
#ifndef WASME_MODULE_TYPING_H
#define WASME_MODULE_TYPING_H

#include "module/code.h"
#include "module/operands.h"

struct typing {
    const struct module *module; /* borrowed */
    struct operands operands;
    uint32_t *ones;   /* for typing_one() */
    uint32_t *values; /* the types of all parameters and results of module->types */
    size_t *first;    /* where those of each type begin there */
    uint32_t *locals; /* of the function: room for MODULE_MAX_LOCALS and MODULE_MAX_PARAMS */
    size_t local_count;
    bool *unset;   /* by local: it cannot be null and has no value yet */
    uint32_t *set; /* the locals that were given one in the open blocks */
    size_t set_count;
};

void typing_init(struct typing *typing, const struct module *module);
void typing_release(struct typing *typing); /* usable with AUTO() */

/* A function of that type begins; its locals follow in runs, and then its instructions. */
void typing_function(struct typing *typing, uint32_t type);
void typing_locals(struct typing *typing, uint32_t count, struct value_type type);

/* For the instructions. */
void typing_invalid(struct typing *typing, const char *what);
/* Fails with `what` unless operands of the types `is` do for `wanted`. */
void typing_match(struct typing *typing, struct type_list is, struct type_list wanted,
                  const char *what);
void typing_match_one(struct typing *typing, uint32_t is, uint32_t wanted, const char *what);
/* The same reference as one that is not null. */
uint32_t typing_not_null(uint32_t type);
uint32_t typing_pack(struct value_type type);
extern const struct type_list typing_none;
/* The list of that one type. */
struct type_list typing_one(const struct typing *typing, uint32_t type);
struct type_list typing_params(const struct typing *typing, uint32_t type);
struct type_list typing_results(const struct typing *typing, uint32_t type);
/* The local has a value up to the end of the block, and typing_unset_locals() takes back those that
 * were set in the block. */
void typing_set_local(struct typing *typing, uint32_t local);
void typing_unset_locals(struct typing *typing, const struct block *block);
/* i32 or i64. */
uint32_t typing_address(const struct limits *limits);

#endif
