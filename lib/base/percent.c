#include "base/percent.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int percent_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

void percent_add(struct buf *out, const char *text, size_t len, const char *plain)
{
    size_t from = 0; /* of the bytes that stay as they are */
    for (size_t i = 0; i < len; i++) {
        if (is_unreserved(text[i]) || (text[i] && strchr(plain, text[i])))
            continue;
        buf_add(out, text + from, i - from);
        buf_printf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
        from = i + 1;
    }
    buf_add(out, text + from, len - from);
}

/* The byte that "%XX" at the start of the text stands for; -1: the encoding is broken. */
static int decode_byte(const char *text, size_t len)
{
    int high = len > 2 ? percent_digit(text[1]) : -1;
    int low = len > 2 ? percent_digit(text[2]) : -1;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static char *decode_value(const char *text, size_t len, bool strict)
{
    AUTO_FREE char *out = mem_alloc(len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        int byte = text[i] == '%' ? decode_byte(text + i, len - i) : -1;
        if (strict && (byte == 0 || !text[i] || (byte < 0 && text[i] == '%')))
            return NULL;
        out[used++] = (char)(byte == 0 || text[i] == '+' ? ' ' : byte > 0 ? byte : text[i]);
        i += byte < 0 ? 0 : 2;
    }
    out[used] = '\0';
    return STEAL(out);
}

char *percent_param(const char *query, const char *name, size_t number, bool strict)
{
    size_t name_len = strlen(name);
    while (query && *query) {
        size_t len = strcspn(query, "&"), key_len = strcspn(query, "=&");
        if (key_len == name_len && memcmp(query, name, name_len) == 0 &&
            (strict || key_len < len) && number-- == 0) {
            const char *value = query + key_len + (key_len < len);
            return decode_value(value, (size_t)(query + len - value), strict);
        }
        query += len + (query[len] == '&');
    }
    return NULL;
}
