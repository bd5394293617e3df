/* Any text as the file that remembers how registries want to be logged in to. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "registry/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_list list AUTO(memory_list_release) = {0};
    if (!memory_parse((const char *)data, size, &list)) {
        if (list.count)
            abort();
        return 0;
    }
    if (list.count > MEMORY_ENTRIES_MAX)
        abort();
    for (size_t i = 0; i < list.count; i++) {
        const struct memory_entry *entry = &list.items[i];
        if (!*entry->host || strlen(entry->host) > MEMORY_TEXT_MAX || entry->forgotten ||
            entry->seen < 0 || entry->over > OVER_UNVERIFIED ||
            entry->bearer != (entry->realm != NULL))
            abort();
        if (entry->realm &&
            (strncmp(entry->realm, "http", 4) != 0 || strpbrk(entry->realm, " \r\n")))
            abort();
    }
    return 0;
}
