#include "base/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void texts_add(struct texts *list, char *text)
{
    list->items = mem_grow(list->items, list->count, sizeof(*list->items));
    list->items[list->count++] = text;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void texts_sort(struct texts *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), compare);
}

void texts_sort_once(struct texts *list)
{
    size_t kept = 0;
    texts_sort(list);
    for (size_t i = 0; i < list->count; i++) {
        if (kept && strcmp(list->items[kept - 1], list->items[i]) == 0)
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

bool texts_have(const struct texts *list, const char *text)
{
    return list->count && bsearch(&text, list->items, list->count, sizeof(*list->items), compare);
}

void texts_release(struct texts *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct texts){0};
}
