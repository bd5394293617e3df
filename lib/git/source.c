#include "git/source.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "git/libgit2.h"
#include "git/limits.h"
#include "git/modules.h"
#include "git/remote.h"
#include "git/tree.h"

/* The sums over a source and its submodules. */
struct run {
    const struct git_options *options;
    const char *folder;
    const char *root; /* the folder of the files */
    long long received;
    struct tree_sums sums;
    struct links links;
    size_t modules;
};

/* One repository of the run. */
struct repository {
    const struct git_spec *at;
    const char *ref;   /* see struct remote_wish */
    const char *below; /* its place in the source: "" or "lib/x/" */
    int depth;
    bool may_ask; /* see struct remote_wish */
    char revision[GIT_ID_LEN + 1];
};

static void run_release(struct run *run)
{
    links_release(&run->links);
    free(run->sums.first_lfs);
}

static int open_local(const struct repository *repository, struct objects *objects,
                      char id[GIT_ID_LEN + 1], struct err *err)
{
    AUTO(refs_release) struct refs refs = {0};
    const struct ref_name *ref = NULL;
    int rc = objects_open(repository->at->path, objects, &refs, err);
    if (!rc)
        rc = refs_choose(&refs, repository->ref, &ref, err);
    if (!rc)
        memcpy(id, ref ? ref->id : repository->ref, GIT_ID_LEN);
    return rc;
}

static int fetch_objects(struct run *run, const struct repository *repository, const char *store,
                         struct objects *objects, char id[GIT_ID_LEN + 1], struct err *err)
{
    if (repository->at->scheme == GIT_SCHEME_FILE)
        return open_local(repository, objects, id, err);
    const struct remote_wish wish = {
        .at = repository->at,
        .ref = repository->ref,
        .folder = run->folder,
        .may_ask = repository->may_ask,
        .received = &run->received,
    };
    int rc = objects_make(store, objects, err);
    return rc ? rc : remote_fetch(run->options, &wish, objects, id, err);
}

/* Writes the files of the commit, and notes its id. */
static int write_files(struct repository *repository, const struct objects *objects, const char *id,
                       struct tree_job *job, struct err *err)
{
    AUTO(objects_free_commit) git_commit *commit = NULL;
    int rc = objects_commit(objects, id, &commit, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc,
                       repository->ref && refs_is_id(repository->ref)
                           ? "the repository has no commit %s in its branches and tags"
                           : "the server has not sent the commit %s",
                       id);
    if (rc)
        return rc;
    lib_oid_tostr(repository->revision, sizeof(repository->revision),
                  lib_object_id((const git_object *)commit));
    return tree_write(job, commit, err);
}

static int fetch_repository(struct run *run, struct repository *repository, struct err *err);

static int fetch_submodule(struct run *run, const struct repository *parent,
                           const struct modules *modules, const struct submodule *module,
                           struct err *err)
{
    AUTO(git_spec_release) struct git_spec at = {0};
    const char *url = modules_url(modules, module->path);
    if (!url)
        return err_set(err, ERR_DAMAGED, ".gitmodules has no address for it");
    if (++run->modules > GIT_SUBMODULES_MAX || parent->depth >= GIT_SUBMODULE_DEPTH_MAX)
        return err_set(err, ERR_DAMAGED,
                       "more than %d submodules, or more than %d in one another, are too many",
                       GIT_SUBMODULES_MAX, GIT_SUBMODULE_DEPTH_MAX);
    AUTO_FREE char *below = mem_printf("%s%s/", parent->below, module->path);
    int rc = git_spec_of_submodule(parent->at, url, &at, err);
    struct repository repository = {
        .at = &at, .ref = module->id, .below = below, .depth = parent->depth + 1};
    repository.may_ask = !rc && parent->may_ask && git_spec_same_host(&at, parent->at);
    if (!rc)
        rc = fetch_repository(run, &repository, err);
    if (rc && at.url)
        (void)err_wrap(err, "%.300s", at.url);
    if (rc == ERR_USAGE) /* the repository's words are wrong, and not the user's */
        err->code = ERR_DAMAGED;
    return err->code;
}

static int fetch_submodules(struct run *run, const struct repository *repository,
                            const struct tree_job *job, struct err *err)
{
    AUTO(modules_release) struct modules modules = {0};
    AUTO_FREE char *folder = mem_printf("%s/%s", run->root, repository->below);
    int rc = job->module_count ? modules_read(folder, &modules, err) : 0;
    for (size_t i = 0; i < job->module_count && !rc; i++) {
        rc = fetch_submodule(run, repository, &modules, &job->modules[i], err);
        if (rc)
            (void)err_wrap(err, "submodule %.200s", job->modules[i].path);
    }
    return rc;
}

static int fetch_repository(struct run *run, struct repository *repository, struct err *err)
{
    AUTO(objects_close) struct objects objects = {0};
    AUTO_FREE char *store = mem_printf("%s/objects-%zu", run->folder, run->modules);
    AUTO(tree_job_release)
    struct tree_job job = {
        .objects = &objects,
        .root = run->root,
        .below = repository->below,
        .sums = &run->sums,
        .links = &run->links,
    };
    char id[GIT_ID_LEN + 1] = "";
    int rc = fetch_objects(run, repository, store, &objects, id, err);
    if (!rc)
        rc = write_files(repository, &objects, id, &job, err);
    objects_close(&objects);
    (void)dir_remove_all(AT_FDCWD, store, ERR_IGNORED);
    return rc ? rc : fetch_submodules(run, repository, &job, err);
}

static void warn_of_lfs(const struct run *run)
{
    if (run->sums.lfs)
        notice_say(run->options->notice, NOTICE_WARNING,
                   "%zu file%s of the repository (%.200s) only point%s to content that Git LFS "
                   "keeps elsewhere, which wasme does not fetch",
                   run->sums.lfs, run->sums.lfs == 1 ? "" : "s", run->sums.first_lfs,
                   run->sums.lfs == 1 ? "s" : "");
}

/* The folder DIR of the spec, or the file: a link on the way may lead to another place, though not
 * out of the repository. */
static int find_dir(const struct git_spec *spec, const char *root, char **out, struct err *err)
{
    if (!spec->dir) {
        *out = mem_dup(root);
        return 0;
    }
    AUTO_CLOSE int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open %s", root);
    struct stat info;
    if (!links_stay(fd, spec->dir) || fstatat(fd, spec->dir, &info, 0) != 0)
        return err_set(err, ERR_NOT_FOUND, "the repository has no folder \"%.200s\" at that commit",
                       spec->dir);
    *out = mem_printf("%s/%s", root, spec->dir);
    return 0;
}

int git_source_fetch(const struct git_options *options, const struct git_spec *spec,
                     const char *folder, struct git_source *out, struct err *err)
{
    AUTO_FREE char *root = mem_printf("%s/source", folder);
    AUTO(run_release)
    struct run run = {.options = options, .folder = folder, .root = root};
    struct repository repository = {.at = spec, .ref = spec->ref, .below = "", .may_ask = true};
    AUTO(git_source_release) struct git_source source = {0};
    if (mkdir(root, 0755) != 0)
        return err_errno(err, "make the folder %s", root);
    int rc = libgit2_load(err);
    if (!rc)
        rc = fetch_repository(&run, &repository, err);
    if (!rc)
        rc = links_make(&run.links, root, options->notice, err);
    if (!rc)
        rc = find_dir(spec, root, &source.path, err);
    if (rc)
        return err_wrap(err, "source %.300s", spec->url);
    warn_of_lfs(&run);
    memcpy(source.revision, repository.revision, sizeof(source.revision));
    *out = source;
    source = (struct git_source){0};
    return 0;
}

void git_source_release(struct git_source *source)
{
    free(source->path);
    source->path = NULL;
}

int git_source_load(struct err *err)
{
    return libgit2_load(err);
}
