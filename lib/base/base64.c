#include "base/base64.h"

#include <string.h>

#include "base/mem.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const char *data, size_t len)
{
    const unsigned char *raw = (const unsigned char *)data;
    char *text = mem_alloc((len + 2) / 3 * 4 + 1);
    char *at = text;
    for (size_t i = 0; i < len; i += 3, at += 4) {
        unsigned bits = (unsigned)raw[i] << 16;
        bits |= i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0;
        bits |= i + 2 < len ? raw[i + 2] : 0;
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        at[3] = i + 2 < len ? digits[bits & 63] : '=';
    }
    *at = '\0';
    return text;
}

static int value_of(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

int base64_decode(const char *text, struct buf *out, struct err *err)
{
    unsigned bits = 0;
    unsigned held = 0;
    size_t count = 0, padding = 0;
    for (; *text; text++) {
        int value = value_of(*text);
        if (*text == '\r' || *text == '\n')
            continue; /* base64(1) breaks its lines */
        padding += *text == '=';
        if (*text == '=')
            continue;
        if (value < 0 || padding)
            return err_set(err, ERR_DAMAGED, "not base64");
        bits = (bits << 6 | (unsigned)value) & 0xffffff;
        held += 6;
        count++;
        if (held < 8)
            continue;
        held -= 8;
        buf_add_char(out, (char)(bits >> held & 0xff));
    }
    if (count % 4 == 1 || padding > 2)
        return err_set(err, ERR_DAMAGED, "not base64");
    if (buf_overflowed(out))
        return err_set(err, ERR_DAMAGED, "longer than %zu bytes", out->max);
    return 0;
}

int base64_decode_url(const char *text, size_t len, struct buf *out, struct err *err)
{
    AUTO_FREE char *plain = mem_dup_n(text, len);
    for (char *at = plain; *at; at++)
        *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
    return base64_decode(plain, out, err);
}
