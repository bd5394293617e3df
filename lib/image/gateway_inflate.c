#include "image/gateway_inflate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stop.h"

/* --- In and out --- */

bool inflate_fail(struct inflate *work, enum gunzip_end fault)
{
    work->fault = fault;
    return false;
}

static bool fill(struct inflate *work)
{
    ssize_t got = -1;
    do
        got = pread(work->fd, work->in, INFLATE_PIECE, work->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        work->rc = err_errno(work->err, "read %s", work->shown);
    if (got > 0 && stop_check(work->err) != 0)
        work->rc = ERR_INTERRUPTED;
    if (got <= 0 || work->rc) {
        work->at_end = true;
        return false;
    }
    work->at += got;
    work->in_at = 0;
    work->in_len = (size_t)got;
    return true;
}

bool inflate_have(struct inflate *work, unsigned bits)
{
    while (work->held < bits) {
        if (work->in_at == work->in_len && (work->at_end || !fill(work)))
            return false;
        work->hold |= (uint64_t)work->in[work->in_at++] << work->held;
        work->held += 8;
    }
    return true;
}

static unsigned drop(struct inflate *work, unsigned bits)
{
    unsigned value = (unsigned)(work->hold & ((1ULL << bits) - 1));
    work->hold >>= bits;
    work->held -= bits;
    return value;
}

bool inflate_bits(struct inflate *work, unsigned bits, unsigned *value)
{
    if (!inflate_have(work, bits))
        return inflate_fail(work, GUNZIP_CUT);
    *value = drop(work, bits);
    return true;
}

void inflate_align(struct inflate *work)
{
    (void)drop(work, work->held % 8);
}

/* Hands over what is new, and keeps the window before it. */
static bool flush(struct inflate *work)
{
    size_t len = work->out_at - work->out_from;
    const unsigned char *data = work->out + work->out_from;
    if (len && !work->rc)
        work->rc = work->take(work->arg, data, len, work->err);
    if (work->out_at > INFLATE_WINDOW) {
        memmove(work->out, work->out + work->out_at - INFLATE_WINDOW, INFLATE_WINDOW);
        work->out_at = INFLATE_WINDOW;
    }
    work->out_from = work->out_at;
    return work->rc ? inflate_fail(work, GUNZIP_STOPPED) : true;
}

static bool put(struct inflate *work, unsigned char byte)
{
    work->out[work->out_at++] = byte;
    work->history += work->history < INFLATE_WINDOW;
    return work->out_at < sizeof(work->out) || flush(work);
}

/* --- Codes --- */

static unsigned reverse(unsigned code, unsigned len)
{
    unsigned turned = 0;
    for (unsigned i = 0; i < len; i++)
        turned |= (code >> i & 1U) << (len - 1 - i);
    return turned;
}

/* Whether the lengths make codes that Go accepts: all used, or a single one of one bit; none at all
 * fails when one is wanted. */
static bool count_codes(const uint8_t *lens, size_t count, struct codes *codes)
{
    *codes = (struct codes){.fast = {0}};
    long left = 1;
    for (size_t i = 0; i < count; i++)
        codes->count[lens[i]]++;
    bool none = codes->count[0] == count;
    bool single = codes->count[0] == count - 1 && codes->count[1] == 1;
    codes->count[0] = 0;
    for (unsigned len = 1; len <= CODE_LEN_MAX; len++)
        left = left < 0 ? left : (left << 1) - codes->count[len];
    return none || single || left == 0;
}

static bool make_codes(const uint8_t *lens, size_t count, struct codes *codes)
{
    unsigned next[CODE_LEN_MAX + 2] = {0}, place[CODE_LEN_MAX + 2] = {0};
    if (!count_codes(lens, count, codes))
        return false;
    for (unsigned len = 1; len <= CODE_LEN_MAX; len++) {
        next[len + 1] = (next[len] + codes->count[len]) << 1;
        place[len + 1] = place[len] + codes->count[len];
    }
    for (size_t i = 0; i < count; i++) {
        unsigned len = lens[i];
        if (!len)
            continue;
        codes->symbol[place[len]++] = (uint16_t)i;
        unsigned first = reverse(next[len]++, len);
        for (unsigned at = first; len <= CODE_FAST && at < 1U << CODE_FAST; at += 1U << len)
            codes->fast[at] = (uint16_t)(i << 4 | len);
    }
    return true;
}

/* A code that is longer than the table: bit by bit. */
static bool take_long(struct inflate *work, const struct codes *codes, unsigned *symbol)
{
    long code = 0, first = 0, index = 0;
    for (unsigned len = 1; len <= CODE_LEN_MAX; len++) {
        if (!inflate_have(work, len))
            return inflate_fail(work, GUNZIP_CUT);
        code |= (long)(work->hold >> (len - 1) & 1);
        long count = codes->count[len];
        if (code - count < first) {
            *symbol = codes->symbol[index + (code - first)];
            (void)drop(work, len);
            return true;
        }
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return inflate_fail(work, GUNZIP_DAMAGED);
}

static bool take_symbol(struct inflate *work, const struct codes *codes, unsigned *symbol)
{
    (void)inflate_have(work, CODE_LEN_MAX); /* there may be fewer at the end */
    unsigned found = codes->fast[work->hold & ((1U << CODE_FAST) - 1)];
    unsigned len = found & 15;
    if (!len || len > work->held)
        return take_long(work, codes, symbol);
    *symbol = found >> 4;
    (void)drop(work, len);
    return true;
}

/* --- Blocks (RFC 1951, 3.2) --- */

static bool copy_stored(struct inflate *work)
{
    unsigned len = 0, inverse = 0, byte = 0;
    inflate_align(work);
    if (!inflate_bits(work, 16, &len) || !inflate_bits(work, 16, &inverse))
        return false;
    if (len != (~inverse & 0xffff))
        return inflate_fail(work, GUNZIP_DAMAGED);
    for (unsigned i = 0; i < len; i++) {
        if (!inflate_bits(work, 8, &byte) || !put(work, (unsigned char)byte))
            return false;
    }
    return true;
}

static bool copy_back(struct inflate *work, unsigned len, unsigned distance)
{
    if (distance > work->history)
        return inflate_fail(work, GUNZIP_DAMAGED);
    for (unsigned i = 0; i < len; i++) {
        if (!put(work, work->out[work->out_at - distance]))
            return false;
    }
    return true;
}

/* A length or distance: the base of its symbol and some bits more. */
static bool take_more(struct inflate *work, unsigned symbol, unsigned step, unsigned base,
                      unsigned *value)
{
    unsigned group = symbol >> step, more = 0;
    unsigned bits = group ? group - 1 : 0;
    unsigned start = group ? (1U << step | (symbol & ((1U << step) - 1))) << bits : symbol;
    if (!inflate_bits(work, bits, &more))
        return false;
    *value = base + start + more;
    return true;
}

static bool take_copy(struct inflate *work, unsigned symbol)
{
    unsigned len = 258, distance = 0, where = 0;
    if (symbol > 285)
        return inflate_fail(work, GUNZIP_DAMAGED);
    if (symbol < 285 && !take_more(work, symbol - 257, 2, 3, &len))
        return false;
    if (!take_symbol(work, &work->distances, &where))
        return false;
    if (where > 29)
        return inflate_fail(work, GUNZIP_DAMAGED);
    return take_more(work, where, 1, 1, &distance) && copy_back(work, len, distance);
}

static bool copy_coded(struct inflate *work)
{
    for (;;) {
        unsigned symbol = 0;
        if (!take_symbol(work, &work->literals, &symbol))
            return false;
        if (symbol == 256)
            return true;
        bool done = symbol < 256 ? put(work, (unsigned char)symbol) : take_copy(work, symbol);
        if (!done)
            return false;
    }
}

static void set_fixed(struct inflate *work)
{
    uint8_t lens[CODES_MAX];
    memset(lens, 8, 144);
    memset(lens + 144, 9, 112);
    memset(lens + 256, 7, 24);
    memset(lens + 280, 8, 8);
    (void)make_codes(lens, CODES_MAX, &work->literals);
    memset(lens, 5, 32);
    (void)make_codes(lens, 32, &work->distances);
}

/* The lengths of both alphabets, themselves in codes, into `lens`. */
static bool read_lens(struct inflate *work, const struct codes *codes, uint8_t *lens, size_t count)
{
    static const uint8_t base[] = {3, 3, 11}, bits[] = {2, 3, 7};
    for (size_t i = 0; i < count;) {
        unsigned symbol = 0, more = 0;
        if (!take_symbol(work, codes, &symbol))
            return false;
        if (symbol < 16) {
            lens[i++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == 16 && !i)
            return inflate_fail(work, GUNZIP_DAMAGED);
        if (!inflate_bits(work, bits[symbol - 16], &more))
            return false;
        more += base[symbol - 16];
        if (more > count - i)
            return inflate_fail(work, GUNZIP_DAMAGED);
        memset(lens + i, symbol == 16 ? lens[i - 1] : 0, more);
        i += more;
    }
    return true;
}

static bool read_codes(struct inflate *work)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lens[CODES_MAX + 32] = {0};
    unsigned literals = 0, distances = 0, own = 0;
    if (!inflate_bits(work, 5, &literals) || !inflate_bits(work, 5, &distances) ||
        !inflate_bits(work, 4, &own))
        return false;
    literals += 257;
    distances += 1;
    if (literals > 286 || distances > 30)
        return inflate_fail(work, GUNZIP_DAMAGED);
    for (unsigned i = 0; i < own + 4; i++) {
        unsigned len = 0;
        if (!inflate_bits(work, 3, &len))
            return false;
        lens[order[i]] = (uint8_t)len;
    }
    if (!make_codes(lens, 19, &work->literals))
        return inflate_fail(work, GUNZIP_DAMAGED);
    memset(lens, 0, sizeof(lens));
    if (!read_lens(work, &work->literals, lens, literals + distances))
        return false;
    if (!make_codes(lens, literals, &work->literals) ||
        !make_codes(lens + literals, distances, &work->distances))
        return inflate_fail(work, GUNZIP_DAMAGED);
    return true;
}

static bool inflate_blocks(struct inflate *work)
{
    unsigned last = 0, kind = 0;
    bool good = true;
    while (good && !last) {
        if (!inflate_bits(work, 1, &last) || !inflate_bits(work, 2, &kind))
            return false;
        if (kind == 3)
            return inflate_fail(work, GUNZIP_DAMAGED);
        if (kind == 1)
            set_fixed(work);
        good = kind == 0 ? copy_stored(work) : (kind == 1 || read_codes(work)) && copy_coded(work);
    }
    return good;
}

bool inflate_stream(struct inflate *work)
{
    work->history = 0;
    bool good = inflate_blocks(work);
    enum gunzip_end fault = work->fault;
    if (!flush(work)) /* the bytes before a fault count too */
        return false;
    work->fault = fault;
    return good;
}
