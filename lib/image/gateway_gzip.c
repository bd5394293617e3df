#include "image/gateway_gzip.h"

#include <string.h>

#include "base/mem.h"
#include "image/gateway_inflate.h"

enum { NAME_MAX_BYTES = 511 }; /* of a name in the header, without its NUL: Go's limit */

/* The work on a file. */
struct gunzip {
    struct inflate inflate;
    uint32_t crc_table[256];
    uint32_t crc; /* of the member so far, or of its header */
    uint32_t size;
    int (*take)(void *arg, const void *data, size_t len, struct err *err);
    void *arg;
};

/* --- Checksums (RFC 1952, 8) --- */

static void make_table(uint32_t *table)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? 0xedb88320U ^ value >> 1 : value >> 1;
        table[i] = value;
    }
}

static uint32_t add_crc(const struct gunzip *work, uint32_t crc, const unsigned char *data,
                        size_t len)
{
    crc = ~crc;
    for (size_t i = 0; i < len; i++)
        crc = work->crc_table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

/* --- Members (RFC 1952, 2.3) --- */

/* A byte of the header, which its checksum covers. */
static bool take_byte(struct gunzip *work, unsigned *value)
{
    if (!inflate_bits(&work->inflate, 8, value))
        return false;
    const unsigned char byte = (unsigned char)*value;
    work->crc = add_crc(work, work->crc, &byte, 1);
    return true;
}

static bool skip_text(struct gunzip *work)
{
    unsigned byte = 1;
    for (int i = 0; byte; i++) {
        if (i > NAME_MAX_BYTES)
            return inflate_fail(&work->inflate, GUNZIP_DAMAGED);
        if (!take_byte(work, &byte))
            return false;
    }
    return true;
}

static bool skip_extra(struct gunzip *work)
{
    unsigned low = 0, high = 0, byte = 0;
    if (!take_byte(work, &low) || !take_byte(work, &high))
        return false;
    for (unsigned left = high << 8 | low; left; left--) {
        if (!take_byte(work, &byte))
            return false;
    }
    return true;
}

static bool read_head(struct gunzip *work)
{
    enum { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16 };
    unsigned head[10] = {0}, stated = 0;
    work->crc = 0;
    for (size_t i = 0; i < COUNT(head); i++) {
        if (!take_byte(work, &head[i]))
            return false;
    }
    if (head[0] != 0x1f || head[1] != 0x8b || head[2] != 8)
        return inflate_fail(&work->inflate, GUNZIP_DAMAGED);
    if ((head[3] & HAS_EXTRA && !skip_extra(work)) || (head[3] & HAS_NAME && !skip_text(work)) ||
        (head[3] & HAS_COMMENT && !skip_text(work)))
        return false;
    uint32_t crc = work->crc;
    if (!(head[3] & HAS_CRC))
        return true;
    if (!inflate_bits(&work->inflate, 16, &stated))
        return false;
    return stated == (crc & 0xffff) || inflate_fail(&work->inflate, GUNZIP_DAMAGED);
}

static bool read_tail(struct gunzip *work)
{
    uint32_t stated[2] = {0};
    inflate_align(&work->inflate);
    for (int i = 0; i < 4; i++) {
        unsigned half = 0;
        if (!inflate_bits(&work->inflate, 16, &half))
            return false;
        stated[i / 2] |= (uint32_t)half << (i % 2 ? 16 : 0);
    }
    return (stated[0] == work->crc && stated[1] == work->size) ||
           inflate_fail(&work->inflate, GUNZIP_DAMAGED);
}

static bool read_member(struct gunzip *work)
{
    if (!read_head(work))
        return false;
    work->crc = work->size = 0;
    return inflate_stream(&work->inflate) && read_tail(work);
}

/* Counts the bytes of the member, and hands them on. */
static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
    struct gunzip *work = arg;
    work->crc = add_crc(work, work->crc, data, len);
    work->size += (uint32_t)len;
    return work->take(work->arg, data, len, err);
}

int gateway_gunzip(int fd, const char *shown,
                   int (*take)(void *arg, const void *data, size_t len, struct err *err), void *arg,
                   enum gunzip_end *end, struct err *err)
{
    AUTO_FREE struct gunzip *work = mem_zero(1, sizeof(*work));
    struct inflate *inflate = &work->inflate;
    inflate->fd = fd;
    inflate->shown = shown;
    inflate->take = take_piece;
    inflate->arg = work;
    inflate->err = err;
    work->take = take;
    work->arg = arg;
    make_table(work->crc_table);
    while (read_member(work) && inflate_have(inflate, 8)) {
    }
    *end = inflate->fault;
    return inflate->rc < 0 ? inflate->rc : 0;
}
