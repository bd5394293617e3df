#include "server/message.h"

#include <string.h>

void message_clear(struct message *out)
{
    out->len = 0;
    out->full = false;
}

void message_bytes(struct message *out, const void *data, size_t len)
{
    if (len > sizeof(out->data) - out->len) {
        out->full = true;
        return;
    }
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

void message_text(struct message *out, const char *text)
{
    message_bytes(out, text, strlen(text));
}

void message_number(struct message *out, long long number)
{
    char digits[24];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    message_bytes(out, digits + at, sizeof(digits) - at);
}

void message_field(struct message *out, const char *name, const char *value)
{
    message_text(out, name);
    message_bytes(out, ": ", 2);
    message_text(out, value);
    message_bytes(out, "\r\n", 2);
}
