/* Files that may change: --watch looks at them a few times in a second, which works on every file
 * system and with every way in which editors, compilers and the store replace a file. */
#ifndef WASME_CMD_RUN_WATCH_H
#define WASME_CMD_RUN_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/texts.h"

enum {
    WATCH_MS = 250,        /* between two looks */
    WATCH_EMPTY_LOOKS = 8, /* that find an empty file empty: then nobody writes it */
};

struct watch {
    struct texts paths;
    struct stat *now;  /* of each path, at the last look; all zero: not there */
    struct stat *then; /* the same, when watch_accept() was called */
    int still;         /* looks since the last one that found a change */
};
void watch_release(struct watch *watch); /* usable with AUTO() */
/* Adds a path, which is copied, unless it is there. */
void watch_add(struct watch *watch, const char *path);
/* The files as they are now count as unchanged. */
void watch_accept(struct watch *watch);
/* Whether a file has changed since watch_accept() and is complete: all that were there are there,
 * and none has changed since the last look; when one is empty, since some more looks. */
bool watch_look(struct watch *watch);

#endif
