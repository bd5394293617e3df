/* A body in chunks as a peer may send it: the same however it is cut, and within its bounds. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "server/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool holds)
{
    if (!holds)
        abort();
}

struct outcome {
    enum chunked_part end; /* CHUNKED_FRAMING: the body goes on */
    size_t taken;
    size_t content;
    uint64_t sum; /* of the content */
};

static struct outcome take(const char *data, size_t len, size_t step)
{
    struct chunked chunked = {0};
    struct outcome outcome = {.end = CHUNKED_FRAMING};
    while (outcome.taken < len) {
        const char *at = data + outcome.taken;
        size_t size = 0, given = len - outcome.taken < step ? len - outcome.taken : step;
        long long before = chunked.left;
        enum chunked_part part = chunked_next(&chunked, at, given, &size);
        check(size > 0 && size <= given && chunked.left >= 0);
        outcome.taken += size;
        if (part == CHUNKED_CONTENT) {
            check(before - chunked.left == (long long)size);
            outcome.content += size;
            for (size_t i = 0; i < size; i++)
                outcome.sum = outcome.sum * 31 + (unsigned char)at[i];
        } else if (part != CHUNKED_FRAMING) {
            outcome.end = part;
            break;
        }
    }
    check(outcome.content <= outcome.taken);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const size_t steps[] = {1, 2, 3, 7, 64};
    struct outcome whole = take((const char *)data, len, len ? len : 1);
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct outcome cut = take((const char *)data, len, steps[i]);
        check(cut.end == whole.end && cut.taken == whole.taken && cut.content == whole.content &&
              cut.sum == whole.sum);
    }
    return 0;
}
