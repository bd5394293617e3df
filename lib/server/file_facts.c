#include "server/file_facts.h"

#include <stdint.h>
#include <time.h>

enum { SETTLED_MS = 50 }; /* a tick is at most 10 ms */

struct file_facts file_facts_of(const struct stat *info)
{
    return (struct file_facts){
        .known = true,
        .device = info->st_dev,
        .inode = info->st_ino,
        .size = info->st_size,
        .names = info->st_nlink,
        .modified = info->st_mtim,
        .changed = info->st_ctim,
    };
}

struct file_facts file_facts_of_fd(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 ? file_facts_of(&info) : (struct file_facts){.known = false};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_but_changed(const struct file_facts *a, const struct file_facts *b)
{
    return a->known && b->known && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && same_time(&a->modified, &b->modified);
}

bool file_facts_same(const struct file_facts *a, const struct file_facts *b)
{
    return same_but_changed(a, b) && same_time(&a->changed, &b->changed);
}

bool file_facts_hold(const struct file_facts *facts, int fd)
{
    if (!facts->known)
        return true;
    struct file_facts now = file_facts_of_fd(fd);
    return same_but_changed(&now, facts) &&
           (same_time(&now.changed, &facts->changed) || now.names != facts->names || now.names > 1);
}

bool file_facts_are_settled(const struct file_facts *facts)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    int64_t seconds = (int64_t)now.tv_sec - (int64_t)facts->changed.tv_sec;
    int64_t ms = seconds * 1000 + (now.tv_nsec - facts->changed.tv_nsec) / 1000000;
    return facts->known && ms >= SETTLED_MS;
}
