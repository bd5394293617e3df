#include "module/code.h"

#include <endian.h>
#include <string.h>

#include "module/code_cursor.h"

/*
 * Most instructions of a body are of a few kinds. These are passed over here, without a struct
 * insn; code_next() reads the others, and all near the end of the bytes at hand, where each byte
 * has to be asked for. Whatever looks wrong here is left to code_next() as well, which finds the
 * words for it.
 */

/* More bytes than any of the instructions that are read here takes. */
#define LONGEST 24

/* The bytes at `at` as a number, the first byte the lowest. */
static inline uint64_t eight(const uint8_t *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return le64toh(bytes);
}

/* How many bytes the number takes whose first eight bytes are given; 9: more than eight. Without
 * a branch, which the processor would guess wrong too often. */
static inline unsigned length(uint64_t bytes)
{
    uint64_t ends = ~bytes & UINT64_C(0x8080808080808080);
    return ends ? (unsigned)__builtin_ctzll(ends) / 8 + 1 : 9;
}

/* The number at `at`, in up to three bytes, and where it ends; a large one when it is longer. */
static inline uint32_t number(const uint8_t **at)
{
    uint64_t bytes = eight(*at);
    unsigned len = length(bytes);
    *at += len;
    uint32_t value = (uint32_t)((bytes & 0x7f) | (bytes >> 1 & 0x3f80) | (bytes >> 2 & 0x1fc000));
    return len > 3 ? UINT32_MAX : value & ((1u << 7 * len) - 1);
}

/* Where a number of up to `most` bytes ends, or NULL. */
static inline const uint8_t *behind(const uint8_t *at, unsigned most)
{
    unsigned len = length(eight(at));
    return len <= most ? at + len : NULL;
}

/* Passes over instructions that name a local of a low number: the most frequent by far. */
static inline const uint8_t *pass_locals(const uint8_t *at, const uint8_t *end, uint32_t known)
{
    while (at < end && at[0] >= OP_LOCAL_GET && at[0] <= OP_LOCAL_TEE && at[1] < 0x80 &&
           at[1] < known)
        at += 2;
    return at;
}

/* Passes over a number behind `at` that is below `known`; NULL for another. */
static inline const uint8_t *pass_index(const uint8_t *at, uint64_t known)
{
    return number(&at) < known ? at : NULL;
}

/* Begins a block without parameters and results. */
static inline bool open_block(struct code *code, const uint8_t *at)
{
    if (at[0] == OP_TRY || at[1] != BLOCK_EMPTY || code->depth == code->block_room)
        return false;
    code->blocks[code->depth++] = at[0];
    return true;
}

/* Where the instruction at `at` ends, or NULL: code_next() has to look. */
static inline const uint8_t *pass(struct code *code, const uint8_t *at)
{
    const struct opcode_row *row = &opcode_rows[*at];
    if (row->immediate == IMM_NONE) { /* the processor foresees this better than the switch */
        code->features |= row->feature;
        return at + 1;
    }
    switch ((enum immediate)row->immediate) {
    case IMM_LOCAL:
    case IMM_GLOBAL:
        return pass_index(at + 1, code->known[row->immediate]);
    case IMM_FUNC:
        return *at == OP_CALL ? pass_index(at + 1, code->known[IMM_FUNC]) : NULL;
    case IMM_I32:
        return behind(at + 1, 4);
    case IMM_I64:
        return behind(at + 1, 8);
    case IMM_MEMARG:
        return at[1] <= row->align && code->known[IMM_MEMORY] ? behind(at + 2, 4) : NULL;
    case IMM_LABEL:
        return *at == OP_BR || *at == OP_BR_IF ? pass_index(at + 1, code->depth) : NULL;
    case IMM_BLOCK:
        return open_block(code, at) ? at + 2 : NULL;
    case IMM_END:
        if (code->depth == 1)
            return NULL;
        code->depth--;
        return at + 1;
    default:
        return NULL;
    }
}

/* Passes over what is easy from code->at on, up to an instruction that is left to code_next(). */
static void pass_many(struct code *code, const uint8_t *end)
{
    const uint8_t *at = pass_locals(code->at, end, code->known[IMM_LOCAL]), *next;
    while (at < end && (next = pass(code, at)))
        at = pass_locals(next, end, code->known[IMM_LOCAL]);
    code->at = at < code->end ? at : code->end; /* code_next() says that the body has no end */
}

void code_check(struct code *code, uint64_t *instructions)
{
    uint32_t count;
    struct value_type type;
    struct insn insn;
    while (code_locals(code, &count, &type))
        ;
    *instructions = code->offset + (uint64_t)(code->at - code->start);
    const uint8_t *readable = code->reader->window + code->reader->window_len;
    do {
        const uint8_t *end = code->end;
        if (readable - end < LONGEST)
            end = readable - code->at < LONGEST ? code->at : readable - LONGEST;
        if (code->depth && !reader_failed(code->reader))
            pass_many(code, end);
    } while (code_next(code, &insn));
}
