#include "cmd/workdir.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/dir.h"
#include "base/mem.h"
#include "cmd/settings.h"

static int use_given(struct workdir *work, const char *given, struct err *err)
{
    int rc = dir_make_all(given, err);
    if (rc)
        return rc;
    work->path = realpath(given, NULL);
    work->keep = true;
    return work->path ? 0 : err_errno(err, "%s", given);
}

int workdir_make(struct workdir *work, const char *given, struct err *err)
{
    if (given)
        return use_given(work, given, err);
    AUTO_FREE char *path = mem_printf("%s/wasmeXXXXXX", settings_tmp());
    if (!mkdtemp(path))
        return err_errno(err, "make a folder %s (--tmp-dir names another place)", path);
    work->path = STEAL(path);
    return 0;
}

void workdir_remove(struct workdir *work)
{
    if (work->path && !work->keep)
        dir_remove_all(AT_FDCWD, work->path, ERR_IGNORED);
    free(work->path);
    work->path = NULL;
}
