/* Any text as a Retry-After, an HTTP date, and a Content-Range. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/range.h"
#include "registry/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const time_t now = 1700000000;
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    time_t when = 0;
    int64_t wait = retry_after_ms(text, now);
    if (wait < -1)
        abort();
    if (retry_parse_date(text, &when) && (strlen(text) != 29 || !strstr(text, "GMT")))
        abort();
    int64_t pause = retry_pause_ms(3, text, now, 12345);
    if (pause < -1 || pause > RETRY_AFTER_MAX + RETRY_PAUSE_MAX)
        abort();
    long long first = range_first(text);
    if (first < -1 || (first >= 0 && strncmp(text, "bytes ", 6) != 0))
        abort();
    return 0;
}
