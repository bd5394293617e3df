/* Any text as a Retry-After field. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/http_date.h"
#include "base/mem.h"
#include "http/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    const time_t now = 784111777;
    time_t date = 0;
    bool is_date = http_date_parse_fixed(text, &date);
    /* A date has one form, of one length, without a sign. */
    if (is_date && (strlen(text) != 29 || strpbrk(text, "+-")))
        abort();
    int64_t after = retry_after_ms(text, now);
    if (after < -1 || (is_date && after != (date > now ? (int64_t)(date - now) * 1000 : 0)))
        abort();
    for (int attempt = 0; attempt < 12; attempt += 3) {
        int64_t pause = retry_pause_ms(attempt, text, now, (unsigned)size * 2654435761u);
        if (pause < -1 || pause > RETRY_AFTER_MAX + RETRY_PAUSE_MAX ||
            (pause < 0) != (after > RETRY_AFTER_MAX))
            abort();
    }
    return 0;
}
