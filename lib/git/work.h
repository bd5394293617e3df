/* What git knows of a local folder or file: where its repository comes from, and its commit. */
#ifndef WASME_GIT_WORK_H
#define WASME_GIT_WORK_H

#include <stdbool.h>

#include "base/err.h"
#include "git/refs.h"

struct git_work {
    char *origin;                  /* the address of the remote "origin", without a login; owned;
                                      NULL: there is none that can be shown */
    char revision[GIT_ID_LEN + 1]; /* the commit that is checked out */
    bool modified; /* a file differs from that commit, or git neither knows nor ignores it */
};

/* Finds the repository of the path, in the folders above it. ERR_NOT_FOUND: there is none, or it
 * has no commit, or the path is a folder of which the commit has no file. */
int git_work_find(const char *path, struct git_work *out, struct err *err);
void git_work_release(struct git_work *work); /* usable with AUTO() */

#endif
