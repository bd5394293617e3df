/* Folders. */
#ifndef WASME_BASE_DIR_H
#define WASME_BASE_DIR_H

#include <dirent.h>
#include <stdbool.h>

#include "base/err.h"

/* Makes the folder and those above it, each synced into the one above; a folder that is there
 * already is fine. */
int dir_make_all(const char *path, struct err *err);
/* Flushes the names in the folder to disk, except in a folder that we may write but not read. */
int dir_sync(const char *path, struct err *err);
/* The absolute path, without links, of the folder that `path` is, or that holds the file `path`.
 * The caller frees it; NULL with errno. */
char *dir_of(const char *path);
/* Whether `path` is the folder or lies in it; both are absolute and without links. */
bool dir_holds(const char *folder, const char *path);
/* The folder `name` below `dirfd` for readdir(3), and with its own descriptor from dirfd(3); a link
 * in its place is not followed. NULL with errno; the caller closes it. */
DIR *dir_open(int dirfd, const char *name);
void dir_close_at(DIR **dir); /* for AUTO(); takes NULL */
/* Removes a file, or a folder and all in it, without following links; no file at all is fine.
 * `dirfd` is a folder's descriptor or AT_FDCWD. */
int dir_remove_all(int dirfd, const char *name, struct err *err);
/* Removes what is in the folder `name` in the same way, and not the folder. */
int dir_empty(int dirfd, const char *name, struct err *err);
/* Copies the folder `name` with its files, links and folders to `to`, which must not exist; modes
 * and times stay, owners where we may, and all of it is synced. A failure leaves what was made. */
int dir_copy_all(int dirfd, const char *name, const char *to, struct err *err);

#endif
