/* Any bytes as an HTTP response: whole, and in two pieces with the same end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "registry/reply.h"

struct count {
    size_t head, body;
};

static bool on_head(void *arg, const char *line, size_t len)
{
    struct count *count = arg;
    count->head += len;
    return line != NULL;
}

static bool on_write(void *arg, const char *data, size_t len)
{
    struct count *count = arg;
    count->body += len;
    return data != NULL;
}

static struct count feed(const uint8_t *data, size_t size, size_t cut, enum reply_state *state)
{
    struct count count = {0, 0};
    struct reply reply = {.head = on_head, .write = on_write, .arg = &count};
    reply_start(&reply);
    reply_take(&reply, (const char *)data, cut);
    reply_take(&reply, (const char *)data + cut, size - cut);
    (void)reply_end(&reply);
    *state = reply.state;
    reply_release(&reply);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum reply_state whole_state;
    enum reply_state split_state;
    struct count whole = feed(data, size, size, &whole_state);
    struct count split = feed(data, size, size / 2, &split_state);
    if (whole_state != split_state || whole.head != split.head || whole.body != split.body)
        abort();
    return 0;
}
