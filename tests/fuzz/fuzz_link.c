/* Any text as a Link field. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(err_release) struct err err = ERR_INIT;
    AUTO_FREE char *text = mem_dup_n((const char *)data, size);
    AUTO_FREE char *next = NULL;
    int rc = link_next(text, &next, &err);
    if ((rc != 0) != (err.code != 0) || (rc && next))
        abort();
    /* A part of the field, with nothing in it that ends a line or an address. */
    if (next && (!strstr(text, next) || strpbrk(next, " \t\r\n<>\"")))
        abort();
    return 0;
}
