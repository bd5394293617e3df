/* A folder for intermediate files. */
#ifndef WASME_CMD_WORKDIR_H
#define WASME_CMD_WORKDIR_H

#include <stdbool.h>

#include "base/err.h"

struct workdir {
    char *path; /* owned; absolute */
    bool keep;
};

/* Makes a folder below $TMPDIR or /tmp; or takes `given`, which is made if it is missing and kept
 * at the end. */
int workdir_make(struct workdir *work, const char *given, struct err *err);
/* Removes the folder and all in it, unless it is to be kept; usable with AUTO(). */
void workdir_remove(struct workdir *work);

#endif
