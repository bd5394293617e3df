#include "cmd/run/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

void watch_release(struct watch *watch)
{
    texts_release(&watch->paths);
    free(watch->now);
    free(watch->then);
}

static void look_at(const char *path, struct stat *out)
{
    if (stat(path, out) != 0)
        memset(out, 0, sizeof(*out));
}

void watch_add(struct watch *watch, const char *path)
{
    size_t count = watch->paths.count + 1;
    for (size_t i = 0; i < watch->paths.count; i++)
        if (strcmp(watch->paths.items[i], path) == 0)
            return;
    texts_add(&watch->paths, mem_dup(path));
    watch->now = mem_resize(watch->now, count, sizeof(*watch->now));
    watch->then = mem_resize(watch->then, count, sizeof(*watch->then));
    look_at(path, &watch->now[count - 1]);
    watch->then[count - 1] = watch->now[count - 1];
}

void watch_accept(struct watch *watch)
{
    for (size_t i = 0; i < watch->paths.count; i++) {
        look_at(watch->paths.items[i], &watch->now[i]);
        watch->then[i] = watch->now[i];
    }
    watch->still = 0;
}

bool watch_look(struct watch *watch)
{
    bool changed = false, same = true, there = true, empty = false;
    for (size_t i = 0; i < watch->paths.count; i++) {
        struct stat info;
        look_at(watch->paths.items[i], &info);
        same &= file_is_same(&info, &watch->now[i]);
        changed |= !file_is_same(&info, &watch->then[i]);
        there &= info.st_ino != 0 || watch->then[i].st_ino == 0;
        empty |= info.st_ino != 0 && info.st_size == 0;
        watch->now[i] = info;
    }
    watch->still = same ? watch->still + 1 : 0;
    return changed && there && watch->still >= (empty ? WATCH_EMPTY_LOOKS : 1);
}
