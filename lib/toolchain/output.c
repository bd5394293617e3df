#include "toolchain/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "toolchain/args.h"

int output_choose(const struct build_request *request, char **out, struct err *err)
{
    AUTO_FREE char *folder = realpath(request->work_dir, NULL);
    if (!folder)
        return err_errno(err, "folder for output %s", request->work_dir);
    AUTO_FREE char *path = mem_printf("%s/filter.wasm", folder);
    const char *named = args_value(request->extra, "o");
    if (named) {
        *out = named[0] == '/' ? mem_dup(named) : mem_printf("%s/%s", request->source, named);
        return 0;
    }
    /* The file of an earlier run must not pass for the one that this run makes. */
    if (unlink(path) != 0 && errno != ENOENT)
        return err_errno(err, "remove %s", path);
    *out = STEAL(path);
    return 0;
}

int output_build(const struct build_request *request, const struct tool_call *call,
                 const char *path, struct err *err)
{
    struct stat before = {0}, after;
    bool was_there = stat(path, &before) == 0;
    int rc = tool_build(request, call, NULL, err);
    if (rc || (stat(path, &after) == 0 && S_ISREG(after.st_mode) &&
               !(was_there && file_is_same(&before, &after))))
        return rc;
    return err_set(err, ERR_FAILED,
                   "%s ended well and wrote no file %s: leave out the flags behind -- that lead "
                   "its output elsewhere",
                   call->what, path);
}
