/* The folder that a filter is built from. */
#ifndef WASME_TOOLCHAIN_PROJECT_H
#define WASME_TOOLCHAIN_PROJECT_H

#include "base/err.h"

#define PROJECT_FILE_MAX (1024 * 1024) /* bytes of a source or project file that is read */

/* Fails when the source is no folder; the error says what to name instead. */
int project_check_folder(const char *source, struct err *err);
/* The path of the file `name` in the folder, or else in the nearest folder above it; NULL when
 * there is none. The caller frees it. */
char *project_find_up(const char *folder, const char *name);
/* The file's text; NULL when the file cannot be read or is larger than PROJECT_FILE_MAX. The caller
 * frees it. */
char *project_read(const char *path);

#endif
