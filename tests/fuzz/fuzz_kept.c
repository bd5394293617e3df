/* Any text as the file of kept tokens. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kept_list list AUTO(kept_list_release) = {0};
    AUTO_FREE char *text = mem_alloc(size ? size : 1); /* the sanitizer sees its end */
    if (size)
        memcpy(text, data, size);
    if (!kept_parse(text, size, &list)) {
        if (list.count)
            abort();
        return 0;
    }
    if (list.count > KEPT_TOKENS_MAX)
        abort();
    for (size_t i = 0; i < list.count; i++) {
        const struct kept_entry *entry = &list.items[i];
        const char *token = entry->fields[KEPT_TOKEN];
        if (!*token || strpbrk(token, " \t\r\n\x7f") || !*entry->fields[KEPT_HOST] ||
            entry->expires < 0 || entry->forgotten)
            abort();
        for (size_t n = 0; n < KEPT_FIELDS; n++)
            if (strlen(entry->fields[n]) > KEPT_TEXT_MAX || strpbrk(entry->fields[n], "\t\n"))
                abort();
    }
    return 0;
}
