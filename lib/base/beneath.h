/*
 * Files below a folder. Nothing outside of the folder is opened or looked at, whatever the path
 * holds, wherever symbolic links lead, and whatever is renamed meanwhile; no FIFO, socket or device
 * is opened.
 */
#ifndef WASME_BASE_BENEATH_H
#define WASME_BASE_BENEATH_H

#include <stdbool.h>
#include <sys/stat.h>

struct beneath {
    int root;    /* borrowed: the folder's descriptor; with `follow` also AT_FDCWD: any path */
    bool follow; /* links may lead anywhere */
};

/*
 * Finds what `path` names; slashes at its start count as none. Hands over a descriptor of the kind
 * O_PATH, close-on-exec: it serves fstat(2), a folder's also openat(2), and reads nothing.
 *
 * Links are followed as long as they stay below the folder. A link with an absolute path stays when
 * its text begins with the folder's own path.
 *
 * Returns -1 with errno: EXDEV when the path leaves the folder; `link`, unless NULL, then has the
 * path below the folder of the link that leaves, which the caller frees (NULL: the path itself
 * leaves). ELOOP after 40 links.
 */
int beneath_find(const struct beneath *tree, const char *path, char **link);
/*
 * Opens for reading the regular file that beneath_find() found at `path`. `found` stays with the
 * caller. Returns -1 with errno; ESTALE: without /proc, and another file took the file's place.
 */
int beneath_open(const struct beneath *tree, const char *path, int found);

/* beneath_find() without `follow` for systems without openat2(2): name by name. */
int beneath_walk(int root, const char *path, char **link);

#endif
