#include "server/message.h"

#include <string.h>

void output_clear(struct output *out)
{
    out->len = 0;
    out->full = false;
}

void output_bytes(struct output *out, const void *data, size_t len)
{
    if (len > sizeof(out->data) - out->len) {
        out->full = true;
        return;
    }
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

void output_text(struct output *out, const char *text)
{
    output_bytes(out, text, strlen(text));
}

void output_number(struct output *out, long long number)
{
    char digits[24];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    output_bytes(out, digits + at, sizeof(digits) - at);
}

void output_field(struct output *out, const char *name, const char *value)
{
    output_text(out, name);
    output_bytes(out, ": ", 2);
    output_text(out, value);
    output_bytes(out, "\r\n", 2);
}
