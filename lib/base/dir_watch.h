/* Notices changes in folders below a folder, by inotify(7). */
#ifndef WASME_BASE_DIR_WATCH_H
#define WASME_BASE_DIR_WATCH_H

#include <stdbool.h>

#include "base/err.h"

enum { DIR_WATCH_MAX = 1024 };

struct dir_watch;

/* `root` is the descriptor of the folder, which must stay open. */
int dir_watch_open(int root, struct dir_watch **out, struct err *err);
void dir_watch_close(struct dir_watch *watch);
void dir_watch_close_at(struct dir_watch **watch); /* for AUTO() */
/*
 * Watches the folders on the way to `path`, which is below the root and begins with '/'; the text
 * behind the last slash is a name in the last of these folders. Returns true when every later
 * change of these folders' names, and of the files in the last one, will be noticed. False: the way
 * has a link, a folder is missing, or there are DIR_WATCH_MAX folders, or as many as the system
 * allows, already.
 */
bool dir_watch_path(struct dir_watch *watch, const char *path);
/* Is readable when something has happened. */
int dir_watch_fd(const struct dir_watch *watch);
/*
 * Takes in what has happened. Returns whether a folder or file that dir_watch_path() promised to notice
 * may have changed. What network file systems, or programs through a mapping, change may go
 * unnoticed.
 */
bool dir_watch_read(struct dir_watch *watch);

#endif
