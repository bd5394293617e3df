#include "cmd/build_source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/interrupt.h"
#include "cmd/log.h"
#include "cmd/secret.h"
#include "cmd/settings.h"
#include "cmd/trust_files.h"
#include "git/work.h"
#include "image/annotation.h"

#define WORDS_MAX (1024 * 1024) /* bytes of an error in which the source is named */

static struct git_options git_options(const struct build_source_args *args)
{
    return (struct git_options){
        .insecure = args->reach.insecure,
        .plain_http = args->reach.plain_http,
        .trust = trust_files_find(args->reach.ca_file),
        .http_proxy = settings_http_proxy(),
        .user_agent = "wasme/" WASME_VERSION,
        .notice = &log_notice,
        .interrupted = interrupt_flag(),
        .stall_seconds = args->stall_timeout,
        .terminal = log_on_terminal() && isatty(STDIN_FILENO),
        .ssh_command = settings_variable("GIT_SSH_COMMAND"),
        .ssh_program = settings_variable("GIT_SSH"),
    };
}

/* A single file is a finished module or one of C; the builder says so of any other. */
static int check_kind(const struct git_spec *spec, const char *path, struct err *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return err_errno(err, "source %.300s: %.200s", spec->url, spec->dir);
    if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
        return 0;
    return err_set(err, ERR_FAILED, "source %.300s: \"%.200s\" is no folder and no file", spec->url,
                   spec->dir);
}

/* Compilers write the names of folders into a module. The folder of a commit has the same name in
 * each run, unless another run is using that folder. */
static void name_by_commit(struct build_source *source)
{
    struct workdir *work = &source->scratch;
    AUTO_FREE char *name = mem_printf("%s/wasme-%s", settings_tmp(), source->fetched.revision);
    if (renameat2(AT_FDCWD, work->path, AT_FDCWD, name, RENAME_NOREPLACE) != 0)
        return;
    char *path = mem_printf("%s%s", name, source->fetched.path + strlen(work->path));
    free(source->fetched.path);
    source->fetched.path = path;
    free(work->path);
    work->path = STEAL(name);
}

static int fetch(const struct build_source_args *args, const struct git_spec *spec,
                 struct build_source *source, struct err *err)
{
    int rc = reach_check(&args->reach, err);
    if (rc)
        return rc;
    secret_guard();
    const struct git_options options = git_options(args);
    rc = workdir_make(&source->scratch, NULL, err);
    if (rc)
        return rc;
    log_info("fetching source", "ref", spec->ref ? spec->ref : "HEAD", "source", spec->url, NULL);
    rc = git_source_fetch(&options, spec, source->scratch.path, &source->fetched, err);
    if (!rc)
        rc = check_kind(spec, source->fetched.path, err);
    if (rc)
        return rc;
    name_by_commit(source);
    source->path = source->fetched.path;
    source->shown =
        mem_printf("%s#%s:%s", spec->url, spec->ref ? spec->ref : "", spec->dir ? spec->dir : "");
    log_info("fetched source", "revision", source->fetched.revision, "source", spec->url, NULL);
    return 0;
}

static void annotate(struct packing *packing, const char *source, const char *revision)
{
    if (source)
        packing_args_add(packing, ANNOTATION_SOURCE, source);
    packing_args_add(packing, ANNOTATION_REVISION, revision);
    log_info("provenance", "revision", revision, "source", source ? source : "", NULL);
}

static int annotate_work(struct packing *packing, const char *path, struct err *err)
{
    AUTO(git_work_release) struct git_work work = {0};
    int rc = git_work_find(path, &work, err);
    if (rc)
        return err_wrap(err, "--provenance");
    if (!work.origin)
        log_warningf("--provenance: the repository has no remote \"origin\" with an address that "
                     "may be shown, so that only the revision is recorded");
    AUTO_FREE char *revision =
        mem_printf("%s%s", work.revision, work.modified ? BUILD_MODIFIED : "");
    annotate(packing, work.origin, revision);
    return 0;
}

int build_source_open(const struct build_source_args *args, const char *text,
                      struct packing *packing, struct build_source *out, struct err *err)
{
    AUTO(build_source_close) struct build_source source = {.path = text};
    AUTO(git_spec_release) struct git_spec spec = {0};
    int rc = 0;
    if (args->provenance && packing->options.form == FORM_DOCKER)
        return err_set(err, ERR_USAGE,
                       "--provenance: a Docker manifest has no annotations: take --format compat");
    if (!git_spec_is_url(text) || access(text, F_OK) == 0) {
        rc = args->provenance ? annotate_work(packing, text, err) : 0;
    } else {
        rc = git_spec_parse(text, &spec, err);
        if (!rc)
            rc = fetch(args, &spec, &source, err);
        if (!rc && args->provenance)
            annotate(packing, spec.url, source.fetched.revision);
    }
    if (rc)
        return rc;
    *out = source;
    source = (struct build_source){0};
    return 0;
}

void build_source_name(const struct build_source *source, struct err *err)
{
    if (!source->shown)
        return;
    AUTO(buf_release) struct buf words = BUF_INIT(WORDS_MAX);
    size_t len = strlen(source->path);
    const char *at = err_text(err);
    for (const char *next; (next = strstr(at, source->path)); at = next + len) {
        buf_add(&words, at, (size_t)(next - at));
        buf_add_text(&words, source->shown);
    }
    buf_add_text(&words, at);
    (void)err_set(err, err->code, "%s", buf_text(&words));
}

void build_source_close(struct build_source *source)
{
    free(source->shown);
    git_source_release(&source->fetched);
    workdir_remove(&source->scratch);
}
