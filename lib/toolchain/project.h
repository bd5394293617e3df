/* The folder that a filter is built from, and the file that comes out. */
#ifndef WASME_TOOLCHAIN_PROJECT_H
#define WASME_TOOLCHAIN_PROJECT_H

#include "base/err.h"
#include "toolchain/builder.h"

#define PROJECT_FILE_MAX (1024 * 1024) /* bytes of a source or project file that is looked into */

/* Fails, with words that help, when the source is no folder. */
int project_check_folder(const char *source, struct err *err);
/* The path of the file `name` in the folder or the nearest one above it; NULL when there is none.
 * The caller frees it. */
char *project_find_up(const char *folder, const char *name);
/* The file's text: NULL when it cannot be read or is larger than PROJECT_FILE_MAX. The caller frees
 * it. */
char *project_read(const char *path);

/* The absolute path of filter.wasm in the request's folder for output; the caller frees it. */
int project_output(const struct build_request *request, char **out, struct err *err);
/* Fails when the tool `what` has not written the file. */
int project_check_output(const char *path, const char *what, struct err *err);

#endif
