/*
 * Reading the instructions of function bodies (core specification 5.4, 5.5.13) one by one. Whatever
 * is read here holds together: blocks are balanced, the last instruction is the body's own `end`,
 * every index is in range, and every alignment and lane fits. Types of operands are not looked at;
 * module/validate.h does that.
 *
 *     code_init(&code, &reader, module);
 *     code_begin(&code, body);
 *     while (code_locals(&code, &count, &type)) ...
 *     while (code_next(&code, &insn)) ...
 *     code_release(&code);
 */
#ifndef WASME_MODULE_CODE_H
#define WASME_MODULE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/module.h"
#include "module/opcode.h"
#include "module/reader.h"

/* The code of a block type that is empty. */
#define BLOCK_EMPTY 0x40

/* The type of a block: () -> (), () -> (one value), or a type of the type section. */
struct block_type {
    bool indexed;
    uint32_t index;          /* with indexed: a TYPE_FUNC of module->types */
    struct value_type value; /* else: the result; its code is BLOCK_EMPTY for none */
};

/* Of the members behind `immediate` only those are set that the immediate has. */
struct insn {
    uint16_t op; /* enum opcode */
    uint8_t immediate;
    uint8_t lane;
    uint32_t a, b; /* as enum immediate says */
    uint64_t value;
    struct block_type block;
    struct value_type type, to;
    const uint8_t *list; /* borrowed from the reader; the functions below read it */
    uint32_t count;
};

struct code {
    const uint8_t *at, *end;
    const uint8_t *start;        /* of the body, its locals first */
    const uint8_t *insn_at;      /* the instruction read last */
    uint64_t offset;             /* of `start` in the file */
    struct reader *reader;       /* borrowed; keeps the first failure */
    const struct module *module; /* borrowed */
    uint32_t func;               /* its index */
    uint32_t local_runs;         /* runs of locals that are left to read */
    uint32_t local_count;        /* the parameters and the locals read so far */
    uint32_t features;           /* set of enum feature, of all that was read */
    uint32_t known[IMM_COUNT];   /* by enum immediate: an index is below that */
    size_t depth;                /* open blocks; the body itself is the first. 0: it has ended */
    uint8_t *blocks;             /* the opcode that opened each; owned */
    size_t block_room;
};

/* Once, before the first body; `code` then serves for any number of bodies. */
void code_init(struct code *code, struct reader *reader, const struct module *module);
void code_release(struct code *code); /* usable with AUTO() */

/* Goes to a body: an index of module->bodies. The reader gives its bytes, and must not be moved
 * until all of the body is read. */
void code_begin(struct code *code, size_t body);
/* The next run of `count` locals of one type (the parameters are not among them); false: no more,
 * or a failure. To be called until it is false, before the first code_next(). */
bool code_locals(struct code *code, uint32_t *count, struct value_type *type);
/* The next instruction; false behind the last `end`, or for a failure (reader_failed()). */
bool code_next(struct code *code, struct insn *insn);
/* All of the locals and the instructions of the body that code_begin() went to, for their structure
 * alone: what the two functions above find, but faster. `instructions` is the offset in the file of
 * the first instruction. */
void code_check(struct code *code, uint64_t *instructions);

/* The offset in the file of the instruction read last, for messages. */
uint64_t code_offset(const struct code *code);
/* Fails as reader_damaged() does, at that offset. */
void code_damaged(struct code *code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next number of a list (br_table); `list` moves on. It has been checked. */
uint32_t code_list_label(const uint8_t **list);

/* A clause of try_table (5.4.1). */
struct catch_clause {
    bool all;       /* catch_all: no tag */
    bool reference; /* catch_ref and catch_all_ref: an exnref is given as well */
    uint32_t tag;
    uint32_t label; /* counted from outside the try_table */
};
struct catch_clause code_list_catch(const uint8_t **list);

/* A handler of resume: (on tag label) or (on tag switch). */
struct resume_handler {
    bool to_switch;
    uint32_t tag, label;
};
struct resume_handler code_list_handler(const uint8_t **list);

#endif
