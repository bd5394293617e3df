#include "base/percent.h"

#include <stdbool.h>
#include <string.h>

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
