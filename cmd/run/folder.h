/* The folder of a run, and those that a killed run has left. */
#ifndef WASME_CMD_RUN_FOLDER_H
#define WASME_CMD_RUN_FOLDER_H

#include "base/err.h"

struct run_folder {
    char *path; /* absolute and without links */
    int lock;   /* held while the run lives; -1: there is none */
};
#define RUN_FOLDER_INIT                                                                            \
    {                                                                                              \
        .lock = -1                                                                                 \
    }

/* Makes a folder below `parent`, or below /tmp when Envoy could not open a socket below `parent`.
 * Folders there whose run was killed (SIGKILL) are removed first: their locks are free. */
int run_folder_make(const char *parent, struct run_folder *out, struct err *err);
/* Removes it with all that is in it; usable with AUTO(). */
void run_folder_remove(struct run_folder *folder);

#endif
