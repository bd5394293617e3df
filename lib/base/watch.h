/* Notices changes in folders below a folder, by inotify(7). */
#ifndef WASME_BASE_WATCH_H
#define WASME_BASE_WATCH_H

#include <stdbool.h>

#include "base/err.h"

enum { WATCH_FOLDERS_MAX = 1024 };

struct watch;

/* `root` is the descriptor of the folder, which must stay open. */
int watch_open(int root, struct watch **out, struct err *err);
void watch_close(struct watch *watch);
void watch_close_at(struct watch **watch); /* for AUTO() */
/*
 * Watches the folders on the way to `path`, which is below the root and begins with '/'; the text
 * behind the last slash is a name in the last of these folders. Returns true when every later
 * change of these folders' names, and of the files in the last one, will be noticed. False: the way
 * has a link, a folder is missing, or there are WATCH_FOLDERS_MAX folders, or as many as the system
 * allows, already.
 */
bool watch_path(struct watch *watch, const char *path);
/* Is readable when something has happened. */
int watch_fd(const struct watch *watch);
/*
 * Takes in what has happened. Returns whether a folder or file that watch_path() promised to notice
 * may have changed. What network file systems, or programs through a mapping, change may go
 * unnoticed.
 */
bool watch_read(struct watch *watch);

#endif
