/* The text of a response: the header, and with it a small body. */
#ifndef WASME_SERVER_MESSAGE_H
#define WASME_SERVER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MESSAGE_HEAD_MAX = 16 * 1024,
    MESSAGE_BODY_MAX = 16 * 1024, /* a body of up to this size leaves in one call with its header */
};

struct message {
    size_t len;
    bool full; /* an addition did not fit; to be checked once, after the last addition */
    char data[MESSAGE_HEAD_MAX + MESSAGE_BODY_MAX];
};

void message_clear(struct message *out);
void message_text(struct message *out, const char *text);
void message_number(struct message *out, long long number); /* 0 or more */
void message_bytes(struct message *out, const void *data, size_t len);
/* Adds "name: value" and CR LF. */
void message_field(struct message *out, const char *name, const char *value);

#endif
