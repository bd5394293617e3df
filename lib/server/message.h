/* Where a response's header, and a small body with it, is put together. */
#ifndef WASME_SERVER_OUTPUT_H
#define WASME_SERVER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    OUTPUT_HEAD_MAX = 16 * 1024,
    OUTPUT_BODY_MAX = 16 * 1024, /* a body up to this leaves in one call with its header */
};

struct output {
    size_t len;
    bool full; /* something did not fit; look at it once, when all is added */
    char data[OUTPUT_HEAD_MAX + OUTPUT_BODY_MAX];
};

void output_clear(struct output *out);
void output_text(struct output *out, const char *text);
void output_number(struct output *out, long long number); /* 0 or more */
void output_bytes(struct output *out, const void *data, size_t len);
/* "name: value" and CR LF. */
void output_field(struct output *out, const char *name, const char *value);

#endif
