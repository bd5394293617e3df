/* The folder that a filter is built from, and the file that the build writes. */
#ifndef WASME_TOOLCHAIN_PROJECT_H
#define WASME_TOOLCHAIN_PROJECT_H

#include "base/err.h"
#include "toolchain/builder.h"

#define PROJECT_FILE_MAX (1024 * 1024) /* bytes of a source or project file that is read */

/* Fails when the source is no folder; the error says what to name instead. */
int project_check_folder(const char *source, struct err *err);
/* The path of the file `name` in the folder, or else in the nearest folder above it; NULL when
 * there is none. The caller frees it. */
char *project_find_up(const char *folder, const char *name);
/* The file's text; NULL when the file cannot be read or is larger than PROJECT_FILE_MAX. The caller
 * frees it. */
char *project_read(const char *path);

/* The path for the module; the caller frees it. That is the one of the user's flag -o, which counts
 * from the source folder, or else filter.wasm in the request's work_dir, where a file is
 * removed. */
int project_output(const struct build_request *request, char **out, struct err *err);
/* Fails when the tool `what` has not written the file. */
int project_check_output(const char *path, const char *what, struct err *err);

#endif
