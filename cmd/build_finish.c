#include "cmd/build_finish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/settings.h"
#include "cmd/table.h"
#include "module/mention.h"
#include "module/strip.h"
#include "toolchain/optimize.h"

#define TOLD_MAX 1024
#define SMALL_PART 100 /* a saving below one part in so many is not worth a line */

bool build_needs_work_dir(const struct build_job *job)
{
    return job->builder->needs_work_dir || job->args->optimize;
}

static void tell_command(void *arg, const char *line)
{
    fprintf(stderr, "Optimizing with %s...\n$ %s\n", (const char *)arg, line);
}

static void tell_optimized(const char *optimizer, const char *before, const char *after)
{
    struct stat old, new;
    char small[32], large[32];
    if (stat(before, &old) != 0 || stat(after, &new) != 0)
        return;
    table_size((long long)new.st_size, small);
    table_size((long long)old.st_size, large);
    log_infof("%s made the module %s instead of %s", optimizer, small, large);
}

int build_optimize(const struct build_job *job, const struct build_request *request,
                   const char *optimizer, char **path, struct err *err)
{
    struct build_request own = *request;
    own.command = tell_command;
    own.command_arg = (void *)(uintptr_t)optimizer;
    const struct optimize_job work = {.path = *path, .name = optimizer, .names = !job->args->strip};
    char *made = NULL;
    int rc = optimize_module(&own, &work, &made, err);
    if (rc)
        return rc;
    tell_optimized(optimizer, *path, made);
    free(*path);
    *path = made;
    return 0;
}

int build_strip(const char *path, int from, int to, struct err *err)
{
    AUTO(module_release) struct module module = {0};
    int rc = module_read(from, path, &module, err);
    return rc ? rc : strip_copy(from, &module, to, path, err);
}

/* Counts paths of the user's home folder and of the source's folder. */
static int count_paths(const struct build_job *job, int fd, const struct module *module,
                       struct mentions *mentions, struct err *err)
{
    const char *home = settings_variable("HOME");
    AUTO_FREE char *source = dir_of(job->source);
    AUTO_FREE char *user = home ? realpath(home, NULL) : NULL;
    const char *folders[] = {user ? user : "", source ? source : "", NULL};
    return module_mentions(fd, module, folders, mentions, err);
}

static void add_paths(uint64_t count, const char *before, struct buf *line)
{
    buf_printf(line, "%s %" PRIu64 " path%s of this machine", before, count, count == 1 ? "" : "s");
}

/* What --strip made smaller, or would; nothing where the printed sizes do not show it. */
static void add_sizes(const struct build_job *job, uint64_t after, uint64_t before,
                      struct buf *line)
{
    char small[32], large[32];
    table_size((long long)after, small);
    table_size((long long)before, large);
    if (after + before / SMALL_PART < before && strcmp(small, large) != 0)
        buf_printf(line, "--strip %s the module %s instead of %s",
                   job->args->strip ? "made" : "would make", small, large);
}

int build_tell_size(const struct build_job *job, int fd, const struct module *module,
                    uint64_t before, struct err *err)
{
    AUTO(buf_release) struct buf line = BUF_INIT(TOLD_MAX);
    struct mentions mentions;
    uint64_t after = strip_size(module);
    int rc = count_paths(job, fd, module, &mentions, err);
    if (rc)
        return rc;
    add_sizes(job, after, before, &line);
    if (mentions.dropped)
        add_paths(mentions.dropped, line.len ? ", and take out" : "--strip would take out", &line);
    if (mentions.data) {
        add_paths(mentions.data, line.len ? "; its data keeps" : "the module's data has", &line);
        if (job->builder->no_paths)
            buf_printf(&line, ": %s", job->builder->no_paths);
    }
    if (line.len)
        log_infof("%s", buf_text(&line));
    return 0;
}
