/* The bytes of LEB128 numbers (core specification 5.2.2, "Integers"), one after the other. */
#ifndef WASME_MODULE_LEB_H
#define WASME_MODULE_LEB_H

#include <stdint.h>

enum leb {
    LEB_MORE, /* another byte belongs to the number */
    LEB_DONE, /* the value is complete */
    LEB_BAD,  /* the byte has bits past those of the number */
};

/* Adds the next byte of a number of `bits` bits to `*value`, which begins as 0; `shift` is 7 for
 * each byte before it. */
static inline enum leb leb_unsigned(uint64_t *value, uint8_t byte, int shift, int bits)
{
    if (bits - shift < 7 && (byte & 0x7f) >> (bits - shift))
        return LEB_BAD;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    return byte & 0x80 ? LEB_MORE : LEB_DONE;
}

/* The same of a signed number, in two's complement. */
static inline enum leb leb_signed(uint64_t *value, uint8_t byte, int shift, int bits)
{
    int left = bits - shift;
    unsigned upper = left < 7 ? 0x7f & (0xffu << (left - 1)) : 0;
    if ((byte & upper) != 0 && (byte & upper) != upper)
        return LEB_BAD; /* the upper bits of the last byte repeat the sign */
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80)
        return LEB_MORE;
    if (shift + 7 < 64 && (byte & 0x40))
        *value |= UINT64_MAX << (shift + 7);
    return LEB_DONE;
}

#endif
