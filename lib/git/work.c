#include "git/work.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/mem.h"
#include "git/libgit2.h"
#include "git/spec.h"
#include "http/url.h"

static void free_repository(git_repository **repo)
{
    if (*repo)
        lib_repository_free(*repo);
}

static int open_above(const char *path, git_repository **out, struct err *err)
{
    AUTO_FREE char *folder = dir_of(path); /* as git begins at the file's true place */
    int rc = folder ? libgit2_load(err) : err_errno(err, "source %.300s", path);
    if (rc)
        return rc;
    int code = lib_repository_open_ext(out, folder, 0, NULL);
    if (code == GIT_ENOTFOUND)
        return err_set(err, ERR_NOT_FOUND,
                       "%.300s is in no git repository, which would tell its source and revision",
                       path);
    if (code == GIT_EOWNER)
        return err_set(err, ERR_DENIED,
                       "the git repository of %.300s belongs to another user: `git config --global "
                       "--add safe.directory FOLDER` says that you trust it",
                       path);
    if (code)
        return libgit2_fail(err, code, "open the git repository of %.300s", path);
    if (!lib_repository_workdir(*out))
        return err_set(err, ERR_FAILED, "%.300s is in a git repository without files (a bare one)",
                       path);
    return 0;
}

/* The address as it may be shown: for http without a user, too, since a token may stand there.
 * NULL: it cannot be told which part is secret. Git knows more kinds of addresses than wasme
 * fetches from, as "git://host/x" and "transport::https://host/x". */
static char *shown(const char *url)
{
    AUTO(git_spec_release) struct git_spec spec = {0};
    if (git_spec_parse(url, &spec, ERR_IGNORED) == 0)
        return STEAL(spec.url);
    char *text = mem_dup_n(url, strcspn(url, "?#"));
    url_hide_logins(text);
    const char *at = strchr(text, '@');
    if (!at || !memchr(text, ':', (size_t)(at - text)))
        return text;
    free(text);
    return NULL;
}

/* As it is written there. git_remote_lookup() would apply url.*.insteadOf of the user, which means
 * nothing to others. */
static char *find_origin(git_repository *repo)
{
    git_config *config = NULL;
    const char *url = NULL;
    if (lib_repository_config_snapshot(&config, repo) != 0)
        return NULL;
    bool found = lib_config_get_string(&url, config, "remote.origin.url") == 0;
    char *text = found ? shown(url) : NULL;
    lib_config_free(config);
    return text;
}

/* A folder that git ignores or that is new may lie in a repository of other things, such as the
 * files of the home folder, whose commit says nothing about it. A file may be the output of a
 * compiler, which is never committed. */
static int check_folder(git_repository *repo, const git_oid *commit, const char *path,
                        struct err *err)
{
    struct stat info;
    const char *top = lib_repository_workdir(repo); /* ends in '/' */
    AUTO_FREE char *real = realpath(path, NULL);
    if (!real || stat(real, &info) != 0)
        return err_errno(err, "source %.300s", path);
    size_t len = strlen(top);
    if (!S_ISDIR(info.st_mode) || strncmp(real, top, len) != 0)
        return 0;
    git_object *object = NULL;
    git_object *tree = NULL;
    git_tree_entry *entry = NULL;
    int code = lib_object_lookup(&object, repo, commit, GIT_OBJECT_COMMIT);
    if (!code)
        code = lib_object_peel(&tree, object, GIT_OBJECT_TREE);
    if (!code)
        code = lib_tree_entry_bypath(&entry, (git_tree *)tree, real + len);
    lib_tree_entry_free(entry);
    lib_object_free(tree);
    lib_object_free(object);
    if (code == GIT_ENOTFOUND)
        return err_set(err, ERR_NOT_FOUND,
                       "%.300s is a folder of which the commit in the git repository %.300s has "
                       "no file: commit the folder first",
                       path, top);
    return code ? libgit2_fail(err, code, "look for %.300s in the commit", path) : 0;
}

static int find_modified(git_repository *repo, bool *modified, struct err *err)
{
    git_status_list *list = NULL;
    const git_status_options options = {
        .version = GIT_STATUS_OPTIONS_VERSION,
        .show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR,
        .flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED,
    };
    int code = lib_status_list_new(&list, repo, &options);
    if (code)
        return libgit2_fail(err, code, "compare the files with the commit");
    *modified = lib_status_list_entrycount(list) > 0;
    lib_status_list_free(list);
    return 0;
}

int git_work_find(const char *path, struct git_work *out, struct err *err)
{
    AUTO(free_repository) git_repository *repo = NULL;
    AUTO(git_work_release) struct git_work work = {0};
    git_oid id;
    int rc = open_above(path, &repo, err);
    if (rc)
        return rc;
    if (lib_reference_name_to_id(&id, repo, "HEAD") != 0)
        return err_set(err, ERR_NOT_FOUND, "the git repository of %.300s has no commit yet", path);
    rc = check_folder(repo, &id, path, err);
    if (rc)
        return rc;
    lib_oid_tostr(work.revision, sizeof(work.revision), &id);
    work.origin = find_origin(repo);
    rc = find_modified(repo, &work.modified, err);
    if (rc)
        return err_wrap(err, "the git repository of %.300s", path);
    *out = work;
    work = (struct git_work){0};
    return 0;
}

void git_work_release(struct git_work *work)
{
    free(work->origin);
    work->origin = NULL;
}
