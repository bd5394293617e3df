/* The folders in which commands remember what makes the next command shorter. */
#ifndef WASME_CMD_CACHE_DIRS_H
#define WASME_CMD_CACHE_DIRS_H

struct cache_dirs {
    char *cache;   /* owned: $XDG_CACHE_HOME/wasme, else ~/.cache/wasme; NULL: there is none */
    char *runtime; /* owned: $XDG_RUNTIME_DIR/wasme; NULL: there is none that is in memory, and
                      private */
};

/* Finds the folders, and makes none (XDG Base Directory Specification 0.8). */
void cache_dirs_find(struct cache_dirs *dirs);
void cache_dirs_release(struct cache_dirs *dirs); /* usable with AUTO() */

#endif
