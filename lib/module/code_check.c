#include "module/code.h"

#include <endian.h>
#include <string.h>

#include "module/code_cursor.h"

/*
 * Most instructions of a body are of a few kinds. These are passed over here, without a struct insn;
 * code_next() reads the others, and all near the end of the bytes at hand, where each byte has to be
 * asked for. Whatever looks wrong here is left to code_next() as well, which finds the words for it.
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

/* Passes over what is easy from code->at on, up to an instruction that is left to code_next(). */
static void pass_many(struct code *code, const uint8_t *end)
{
    const uint8_t *at = code->at, *next;
    const uint32_t locals = code->known[IMM_LOCAL], globals = code->known[IMM_GLOBAL],
                   funcs = code->known[IMM_FUNC];
    const size_t room = code->block_room;
    const bool memory = code->known[IMM_MEMORY] != 0;
    uint8_t *const blocks = code->blocks;
    uint32_t features = 0;
    size_t depth = code->depth;
    for (; at < end; at = next) {
        const struct opcode_row *row = &opcode_rows[*at];
        next = at + 1;
        switch ((enum immediate)row->immediate) {
        case IMM_NONE:
            features |= row->feature;
            continue;
        case IMM_LOCAL:
            if (number(&next) < locals)
                continue;
            break;
        case IMM_I32:
            next = behind(next, 4);
            if (next)
                continue;
            break;
        case IMM_I64:
            next = behind(next, 8);
            if (next)
                continue;
            break;
        case IMM_MEMARG:
            if (*next > row->align || !memory)
                break;
            next = behind(next + 1, 4);
            if (next)
                continue;
            break;
        case IMM_FUNC:
            if (*at == OP_CALL && number(&next) < funcs)
                continue;
            break;
        case IMM_GLOBAL:
            if (number(&next) < globals)
                continue;
            break;
        case IMM_LABEL:
            if (*at <= OP_BR_IF && number(&next) < depth)
                continue;
            break;
        case IMM_END:
            if (depth == 1)
                break;
            depth--;
            continue;
        case IMM_BLOCK:
            if (*at == OP_TRY || *next != BLOCK_EMPTY || depth == room || next == end)
                break;
            blocks[depth++] = *at;
            next++;
            continue;
        default:
            break;
        }
        break;
    }
    code->features |= features;
    code->depth = depth;
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
        const uint8_t *end = readable - code->end < LONGEST ? readable - LONGEST : code->end;
        if (code->depth && !reader_failed(code->reader))
            pass_many(code, end);
    } while (code_next(code, &insn));
}
