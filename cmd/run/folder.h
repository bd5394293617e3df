/* The folder of a run, and those that a killed run has left. */
#ifndef WASME_CMD_RUN_FOLDER_H
#define WASME_CMD_RUN_FOLDER_H

#include <stdbool.h>

#include "base/err.h"

struct run_folder {
    char *path; /* absolute and without links */
    int lock;   /* held while the run lives; -1: there is none */
};
#define RUN_FOLDER_INIT                                                                            \
    {                                                                                              \
        .lock = -1                                                                                 \
    }

/* The file in the folder that names a container of the run: the engine's program and the container,
 * a line each. */
#define RUN_FOLDER_CONTAINER "container"

/* Makes a folder below `parent`, or below /tmp when Envoy cannot open a socket below `parent`. */
int run_folder_make(const char *parent, struct run_folder *out, struct err *err);
/* Removes the folders beside this one whose run was killed (SIGKILL): their locks are free. One
 * that names a container stays unless `end`, which may be NULL, has ended that. */
void run_folder_sweep(const struct run_folder *folder,
                      bool (*end)(void *arg, const char *engine, const char *container), void *arg);
/* Removes it with all that is in it; usable with AUTO(). */
void run_folder_remove(struct run_folder *folder);

#endif
