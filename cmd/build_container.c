#include "cmd/build_container.h"

#include <unistd.h>

#include "base/mem.h"
#include "cmd/log.h"
#include "toolchain/container.h"

extern char **environ;

int build_check_container(const struct build_job *job, struct err *err)
{
    if (!job->args->image || job->builder->needs_work_dir)
        return 0;
    return err_set(
        err, ERR_USAGE,
        "build: --image %s: no program runs for %s, so there is none to find in an image: "
        "leave the option out",
        job->args->image, job->builder->name);
}

/* A module that the tools have written to a folder which is not mounted is gone with them. */
static int check_module(const struct container *container, const char *path, struct err *err)
{
    if (access(path, F_OK) == 0)
        return 0;
    return err_set(err, ERR_FAILED,
                   "%s has written the module in the container, to %s, which is gone: let the "
                   "output be a folder in %s, or name it by CARGO_TARGET_DIR",
                   container_image(container), path, container_root(container));
}

int build_run(const struct build_job *job, struct build_request *request, char **wasm_path,
              struct err *err)
{
    if (!job->args->image)
        return job->builder->build(request, wasm_path, err);
    AUTO(container_free_at) struct container *container = NULL;
    AUTO_FREE char *path = NULL;
    const struct container_wish wish = {.image = job->args->image,
                                        .source = request->source,
                                        .work_dir = request->work_dir,
                                        .environment = (const char *const *)environ,
                                        .uid = geteuid(),
                                        .gid = getegid(),
                                        .notice = &log_notice,
                                        .interrupted = request->interrupted};
    int rc = container_open(&wish, &container, err);
    if (rc)
        return rc == ERR_INTERRUPTED ? rc : err_wrap(err, "build");
    log_infof("the tools of %s run by %s, which sees %s", container_image(container),
              container_engine(container), container_root(container));
    request->container = container;
    rc = job->builder->build(request, &path, err);
    request->container = NULL;
    if (!rc)
        rc = check_module(container, path, err);
    if (!rc)
        *wasm_path = STEAL(path);
    return rc;
}
