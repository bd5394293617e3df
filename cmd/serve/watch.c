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
    int fd;              /* of inotify; -1: none */
    atomic_int top;      /* the watch of the store's folder; -1: none */
    atomic_bool partial; /* some folder could not be watched */
    dev_t device;        /* of the store's folder */
    ino_t inode;         /* likewise; 0: there is none */
    int64_t looked;      /* clock_ms() */
};

static void watch_top(struct watch *watch)
{
    if (watch->fd >= 0)
        watch->top = inotify_add_watch(watch->fd, store_dir(watch->store), STORE_EVENTS);
}

/* Looks whether the folder is there, and is still the one that is watched: of one that was removed
 * while a descriptor is open, no event tells. Returns whether the folder has become another. */
static bool look_at_top(struct watch *watch)
{
    struct stat info = {0};
    (void)stat(store_dir(watch->store), &info);
    bool same = info.st_dev == watch->device && info.st_ino == watch->inode;
    watch->device = info.st_dev;
    watch->inode = info.st_ino;
    if (!info.st_ino)
        watch->top = -1;
    else if (!same || watch->top < 0)
        watch_top(watch);
    return !same;
}

struct watch *watch_open(struct store *store)
{
    struct watch *watch = mem_zero(1, sizeof(*watch));
    watch->store = store;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch->top = -1;
    look_at_top(watch);
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
    /* A store that is removed loses its lock, and maybe nothing else. */
    bool lock = event->mask & IN_DELETE && event->len && strcmp(event->name, ".lock") == 0;
    return lock || (event->len && folders_is_name(event->name));
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

bool watch_changed(struct watch *watch)
{
    bool found = watch->fd >= 0 && read_events(watch);
    found |= look_at_top(watch);
    if (found || !watch->inode || (watch->top >= 0 && !watch->partial))
        return found;
    int64_t now = clock_ms();
    if (now - watch->looked < LOOK_MS)
        return false;
    watch->looked = now;
    return true;
}

bool watch_is_whole(const struct watch *watch)
{
    return watch->top >= 0 && !watch->partial;
}

/* A walk over the images. */
struct pass {
    const struct watch *watch;
    bool *failed;
};

static int watch_one(void *opaque, const char *name)
{
    const struct pass *pass = opaque;
    const struct watch *watch = pass->watch;
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/%s", store_dir(watch->store), name) < PATH_MAX &&
        inotify_add_watch(watch->fd, path, IMAGE_EVENTS) < 0 && errno != ENOENT)
        *pass->failed = true;
    return 0;
}

void watch_images(struct watch *watch)
{
    if (watch->fd < 0)
        return;
    bool failed = false;
    struct pass pass = {watch, &failed};
    if (folders_each(watch->store, watch_one, &pass, NULL, ERR_IGNORED) != 0)
        failed = true;
    watch->partial = failed;
}
