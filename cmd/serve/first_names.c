#include "cmd/serve/first_names.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/mem.h"
#include "cmd/serve_limits.h"

void first_names_release(struct first_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static void swap(char **a, char **b)
{
    char *other = *a;
    *a = *b;
    *b = other;
}

static void sift_up(char **items, size_t at)
{
    for (; at && strcmp(items[(at - 1) / 2], items[at]) < 0; at = (at - 1) / 2)
        swap(&items[(at - 1) / 2], &items[at]);
}

static void sift_down(char **items, size_t count)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && strcmp(items[child], items[child + 1]) < 0)
            child++;
        if (strcmp(items[at], items[child]) >= 0)
            return;
        swap(&items[at], &items[child]);
        at = child;
    }
}

static void take_name(struct first_names *names, const char *name)
{
    names->seen++;
    if (names->count < LISTING_NAMES_MAX) {
        names->items[names->count] = mem_dup(name);
        sift_up(names->items, names->count++);
    } else if (strcmp(name, names->items[0]) < 0) {
        free(names->items[0]);
        names->items[0] = mem_dup(name);
        sift_down(names->items, names->count);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int first_names_read(int fd, const char *path, struct first_names *names, struct err *err)
{
    AUTO(dir_close_at) DIR *folder = dir_open(fd, ".");
    if (!folder)
        return err_errno(err, "list %s", path);
    names->items = mem_zero(LISTING_NAMES_MAX, sizeof(*names->items));
    const struct dirent *item;
    while (names->seen < FIRST_NAMES_COUNTED && (item = readdir(folder)))
        if (item->d_name[0] != '.')
            take_name(names, item->d_name);
    qsort(names->items, names->count, sizeof(*names->items), by_name);
    return 0;
}
