/* Any text as a Content-Range field. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    long long first = range_first(text);
    if (first < -1)
        abort();
    if (first < 0)
        return 0;
    /* The number equals the digits in the text, without leading zeros. */
    const char *digits = text + 6;
    size_t len = strspn(digits, "0123456789");
    while (len > 1 && *digits == '0')
        digits++, len--;
    AUTO_FREE char *shown = mem_printf("%lld", first);
    if (strlen(shown) != len || memcmp(shown, digits, len) != 0 || digits[len] != '-')
        abort();
    return 0;
}
