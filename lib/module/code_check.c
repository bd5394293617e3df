#include "module/code.h"

#include "module/code_cursor.h"

/*
 * Most instructions of a body are of a few kinds. These are passed over here, without a struct insn;
 * code_next() reads the others, and all near the end of the bytes at hand, where each byte has to be
 * asked for. Whatever looks wrong here is left to code_next() as well, which finds the words for it.
 */

/* More bytes than any of the instructions that are read here takes. */
#define LONGEST 24

/* Passes over the bytes of a number but for its last; NULL when it may be too long. */
static inline const uint8_t *last_byte(const uint8_t *at, int most)
{
    for (int i = 0; i < most - 1; i++, at++) {
        if (!(*at & 0x80))
            return at;
    }
    return NULL;
}

/* The number at `*at`, and moves on; UINT32_MAX when code_next() has to look. */
static inline uint32_t number(const uint8_t **at)
{
    const uint8_t *byte = *at;
    uint32_t value = *byte++;
    if (value & 0x80) {
        value = (value & 0x7f) | (uint32_t)(*byte & 0x7f) << 7;
        if (*byte++ & 0x80) {
            value |= (uint32_t)(*byte & 0x7f) << 14;
            if (*byte++ & 0x80)
                return UINT32_MAX;
        }
    }
    *at = byte;
    return value;
}

static inline bool pass_memarg(const struct code *code, const struct opcode_row *row,
                               const uint8_t **at)
{
    const uint8_t *byte = *at;
    if (*byte > row->align || row->feature || code->known[IMM_MEMORY] == 0)
        return false;
    byte = last_byte(byte + 1, 5);
    if (!byte)
        return false;
    *at = byte + 1;
    return true;
}

/* Passes over one instruction at `*at`; false: nothing is changed. */
static inline bool pass(struct code *code, const uint8_t **at, uint32_t *features)
{
    const uint8_t *next = *at;
    uint8_t op = *next++;
    const struct opcode_row *row = &opcode_rows[op];
    switch ((enum immediate)row->immediate) {
    case IMM_NONE:
        *features |= row->feature;
        break;
    case IMM_LOCAL:
    case IMM_GLOBAL:
        if (number(&next) >= code->known[row->immediate])
            return false;
        break;
    case IMM_FUNC:
        if (op != OP_CALL || number(&next) >= code->known[IMM_FUNC])
            return false;
        break;
    case IMM_I32:
        next = last_byte(next, 5);
        if (!next)
            return false;
        next++;
        break;
    case IMM_I64:
        next = last_byte(next, 10);
        if (!next)
            return false;
        next++;
        break;
    case IMM_MEMARG:
        if (!pass_memarg(code, row, &next))
            return false;
        break;
    case IMM_END:
        if (code->depth == 1)
            return false;
        code->depth--;
        break;
    case IMM_LABEL:
        if (op > OP_BR_IF || number(&next) >= code->depth)
            return false;
        break;
    case IMM_BLOCK:
        if (op == OP_TRY || *next != BLOCK_EMPTY || code->depth == code->block_room)
            return false;
        next++;
        code->blocks[code->depth++] = op;
        break;
    default:
        return false;
    }
    *at = next;
    return true;
}

/* Passes over what is easy, up to an instruction that is left to code_next(). */
static void pass_many(struct code *code, const uint8_t *end)
{
    const uint8_t *at = code->at, *before = at;
    uint32_t features = 0;
    while (at < end) {
        before = at;
        if (!pass(code, &at, &features))
            break;
    }
    code->features |= features;
    code->at = at <= code->end ? at : before;
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
    bool near = readable - code->end < LONGEST;
    do {
        const uint8_t *end = near ? readable - LONGEST : code->end;
        if (code->depth && !reader_failed(code->reader))
            pass_many(code, end);
    } while (code_next(code, &insn));
}
