/* Notices changes of a store: by inotify(7), and by looking once a second where that is not to be
 * had. */
#ifndef WASME_CMD_SERVE_WATCH_H
#define WASME_CMD_SERVE_WATCH_H

#include "store/store.h"

struct watch;

/* Never fails: without inotify every second counts as a change. `store` is lent. */
struct watch *watch_open(struct store *store);
void watch_close(struct watch *watch); /* NULL is fine */
/* A descriptor that becomes readable at a change; -1: none. Only watch_changed() reads from it. */
int watch_fd(const struct watch *watch);
/* Whether the store may have changed since the last call. Only one thread calls this. */
bool watch_changed(struct watch *watch);
/* Whether watch_fd() tells of each change: the store's folder and all images are watched. */
bool watch_is_whole(const struct watch *watch);
/* Watches the folders of all images that are there now. Any thread may call this, before it reads
 * the store. */
void watch_images(struct watch *watch);

#endif
