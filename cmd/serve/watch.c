#include "cmd/serve/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/folders.h"

enum {
    LOOK_MS = 1000,
    STORE_EVENTS = IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
    /* The original wasme writes to the files of an image in place. */
    IMAGE_EVENTS = IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ONLYDIR,
};

struct watch {
    struct store *store;
    int fd;                  /* of inotify; -1: none */
    atomic_int top;          /* the watch of the store's folder; -1: none */
    atomic_bool partial;     /* some folder could not be watched */
    struct timespec changed; /* of the store's folder */
    int64_t looked;          /* clock_ms() */
};

static void watch_top(struct watch *watch)
{
    if (watch->fd >= 0)
        watch->top = inotify_add_watch(watch->fd, store_dir(watch->store), STORE_EVENTS);
}

struct watch *watch_open(struct store *store)
{
    struct watch *watch = mem_zero(1, sizeof(*watch));
    watch->store = store;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch->top = -1;
    watch_top(watch);
    return watch;
}

void watch_close(struct watch *watch)
{
    if (!watch)
        return;
    if (watch->fd >= 0)
        close(watch->fd);
    free(watch);
}

int watch_fd(const struct watch *watch)
{
    return watch->fd;
}

/* Whether the event tells of a change of images: files on their way into the store do not count. */
static bool counts(struct watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    if (event->wd != watch->top)
        return !(event->mask & IN_IGNORED);
    if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
        inotify_rm_watch(watch->fd, event->wd);
        watch->top = -1;
        return true;
    }
    return event->len && folders_is_name(event->name);
}

static bool read_events(struct watch *watch)
{
    char room[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool found = false;
    ssize_t len;
    while ((len = read(watch->fd, room, sizeof(room))) > 0) {
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const void *)(room + at);
            found |= counts(watch, event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
    return found;
}

/* Looks at the folder of a store that is not watched, for example because it does not exist yet. */
static bool look_at_top(struct watch *watch)
{
    struct stat info = {0};
    if (stat(store_dir(watch->store), &info) != 0 && watch->changed.tv_sec == 0)
        return false;
    watch_top(watch);
    bool same = info.st_mtim.tv_sec == watch->changed.tv_sec &&
                info.st_mtim.tv_nsec == watch->changed.tv_nsec;
    watch->changed = info.st_mtim;
    return !same || watch->top >= 0;
}

bool watch_changed(struct watch *watch)
{
    bool found = watch->fd >= 0 && read_events(watch);
    if (watch->top < 0)
        found |= look_at_top(watch);
    if (watch->top >= 0 && !watch->partial)
        return found;
    int64_t now = clock_ms();
    if (!found && now - watch->looked < LOOK_MS)
        return false;
    watch->looked = now;
    return found || watch->changed.tv_sec || watch->partial;
}

static int watch_one(void *opaque, const char *name)
{
    struct watch *watch = opaque;
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/%s", store_dir(watch->store), name) < PATH_MAX &&
        inotify_add_watch(watch->fd, path, IMAGE_EVENTS) < 0 && errno != ENOENT)
        watch->partial = true;
    return 0;
}

void watch_images(struct watch *watch)
{
    if (watch->fd < 0)
        return;
    watch->partial = false;
    if (folders_each(watch->store, watch_one, watch, NULL, ERR_IGNORED) != 0)
        watch->partial = true;
}
