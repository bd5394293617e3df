/* What `wasme build` does to a finished module before it becomes an image: --optimize, --strip, and
 * what a strip would do. */
#ifndef WASME_CMD_BUILD_FINISH_H
#define WASME_CMD_BUILD_FINISH_H

#include "base/err.h"
#include "cmd/build_image.h"
#include "module/module.h"
#include "toolchain/builder.h"

/* Whether the build makes files and starts programs, which must not be left behind. */
bool build_needs_work_dir(const struct build_job *job);
/* Makes the optimized module in the request's work_dir; `*path` becomes its path. `optimizer` is of
 * optimize_find(). */
int build_optimize(const struct build_job *job, const struct build_request *request,
                   const char *optimizer, char **path, struct err *err);
/* Copies the module at `path`, open as `from`, to the empty file `to`; leaves out what a strip
 * drops. */
int build_strip(const char *path, int from, int to, struct err *err);
/* Tells what --strip did to a module that had so many bytes before, or else what --strip would do;
 * and whether paths of this machine are in the module. `fd` and `module` are those of the image. */
int build_tell_size(const struct build_job *job, int fd, const struct module *module,
                    uint64_t before, struct err *err);

#endif
