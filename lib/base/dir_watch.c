#include "base/dir_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"

#define NAMES                                                                                      \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |         \
     IN_ATTRIB)
#define CONTENTS (NAMES | IN_MODIFY | IN_CLOSE_WRITE)

struct folder {
    char *path; /* owned: "/" or "/a/b/" */
    uint64_t hash;
    int number; /* inotify's */
    bool last;  /* a way ends here: the files count, too */
};

struct dir_watch {
    int root;
    int fd;
    size_t count;
    struct folder folders[DIR_WATCH_MAX];
};

int dir_watch_open(int root, struct dir_watch **out, struct err *err)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "watch folders");
    struct dir_watch *watch = mem_zero(1, sizeof(*watch));
    watch->root = root;
    watch->fd = fd;
    *out = watch;
    return 0;
}

/* Forgets all folders: where one was moved, the paths of those below it are others. */
static void forget(struct dir_watch *watch)
{
    while (watch->count) {
        struct folder *folder = &watch->folders[--watch->count];
        inotify_rm_watch(watch->fd, folder->number);
        free(folder->path);
    }
}

void dir_watch_close(struct dir_watch *watch)
{
    if (!watch)
        return;
    forget(watch);
    close(watch->fd);
    free(watch);
}

void dir_watch_close_at(struct dir_watch **watch)
{
    dir_watch_close(*watch);
}

int dir_watch_fd(const struct dir_watch *watch)
{
    return watch->fd;
}

static uint64_t hash_of(const char *path, size_t len)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)path[i]) * 1099511628211U;
    return hash;
}

static struct folder *find(struct dir_watch *watch, const char *path, size_t len)
{
    uint64_t hash = hash_of(path, len);
    for (size_t i = 0; i < watch->count; i++) {
        struct folder *folder = &watch->folders[i];
        if (folder->hash == hash && strncmp(folder->path, path, len) == 0 && !folder->path[len])
            return folder;
    }
    return NULL;
}

/* Watches an open folder; another path may lead to the same one. */
static bool add(struct dir_watch *watch, int fd, const char *path, size_t len, bool last)
{
    struct folder *known = find(watch, path, len);
    if (known && (known->last || !last))
        return true;
    if (!known && watch->count == DIR_WATCH_MAX)
        return false;
    char place[64];
    snprintf(place, sizeof(place), "/proc/self/fd/%d", fd);
    uint32_t mask = (last ? CONTENTS : NAMES) | IN_ONLYDIR | IN_MASK_ADD;
    int number = inotify_add_watch(watch->fd, place, mask);
    if (number < 0)
        return false;
    if (!known) {
        known = &watch->folders[watch->count++];
        *known = (struct folder){mem_dup_n(path, len), hash_of(path, len), number, false};
    }
    known->last = known->last || last;
    return true;
}

/* Opens the folder `name`, `len` bytes, below `parent`, which is closed. */
static int descend(int parent, const char *name, size_t len)
{
    AUTO_FREE char *one = mem_dup_n(name, len);
    int fd = openat(parent, one, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(parent);
    return fd;
}

/* A folder is opened when the one above is watched already, so no change of the way is missed. */
bool dir_watch_path(struct dir_watch *watch, const char *path)
{
    const char *end = strrchr(path, '/') + 1;
    const struct folder *known = find(watch, path, (size_t)(end - path));
    if (known && known->last)
        return true;
    int fd = openat(watch->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (const char *at = path + 1; fd >= 0; at += strcspn(at, "/") + 1) {
        bool watched = add(watch, fd, path, (size_t)(at - path), at == end);
        if (!watched || at == end) {
            close(fd);
            return watched;
        }
        fd = descend(fd, at, strcspn(at, "/"));
    }
    return false;
}

/* What an event means for one folder. */
static bool concerns(struct dir_watch *watch, const struct folder *folder,
                     const struct inotify_event *event, bool *lost)
{
    if (!event->len) { /* the folder itself */
        *lost = true;
        return true;
    }
    if (event->mask & IN_ISDIR) {
        AUTO_FREE char *below = mem_printf("%s%s/", folder->path, event->name);
        *lost = *lost || find(watch, below, strlen(below));
    }
    return *lost || folder->last;
}

static bool take_event(struct dir_watch *watch, const struct inotify_event *event)
{
    bool lost = event->mask & IN_Q_OVERFLOW, changed = lost;
    for (size_t i = 0; i < watch->count && !lost; i++)
        if (watch->folders[i].number == event->wd)
            changed = concerns(watch, &watch->folders[i], event, &lost) || changed;
    if (lost)
        forget(watch);
    return changed;
}

bool dir_watch_read(struct dir_watch *watch)
{
    union {
        struct inotify_event first;
        char bytes[16 * 1024];
    } events;
    bool changed = false;
    ssize_t len = read(watch->fd, events.bytes, sizeof(events.bytes));
    for (ssize_t at = 0; at < len;) {
        struct inotify_event event;
        memcpy(&event, events.bytes + at, sizeof(event));
        const struct inotify_event *here = (const void *)(events.bytes + at);
        changed = take_event(watch, here) || changed;
        at += (ssize_t)(sizeof(event) + event.len);
    }
    return changed;
}
