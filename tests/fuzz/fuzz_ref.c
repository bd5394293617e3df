/* References: any text is parsed or refused, and a normalised reference stays the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/ref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO(ref_release) struct ref ref = {0};
    AUTO(ref_release) struct ref again = {0};
    if (ref_parse(text, NULL, &ref, &err) != 0)
        return 0;
    if (ref_parse(ref.full, NULL, &again, &err) != 0 || strcmp(ref.full, again.full) != 0)
        abort();
    return 0;
}
