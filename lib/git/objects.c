#include "git/objects.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

int objects_make(const char *folder, struct objects *out, struct err *err)
{
    AUTO(objects_close) struct objects objects = {0};
    AUTO_FREE char *packs = mem_printf("%s/pack", folder);
    int rc = libgit2_load(err);
    if (rc)
        return rc;
    if (mkdir(folder, 0700) != 0 || mkdir(packs, 0700) != 0)
        return err_errno(err, "make a folder %s", packs);
    int code = lib_odb_open(&objects.odb, folder);
    if (!code)
        code = lib_repository_wrap_odb(&objects.repo, objects.odb);
    if (code)
        return libgit2_fail(err, code, "make a store of objects in %s", folder);
    *out = objects;
    objects = (struct objects){0};
    return 0;
}

static int list_refs(const struct objects *objects, struct refs *refs, struct err *err)
{
    git_reference_iterator *at = NULL;
    const char *name = NULL;
    git_oid id;
    char text[GIT_ID_LEN + 1];
    int rc = 0;
    if (lib_reference_name_to_id(&id, objects->repo, "HEAD") == 0)
        rc = refs_add(refs, "HEAD", 4, lib_oid_tostr(text, sizeof(text), &id), err);
    int code = lib_reference_iterator_new(&at, objects->repo);
    while (!rc && !code && !(code = lib_reference_next_name(&name, at))) {
        if (lib_reference_name_to_id(&id, objects->repo, name) == 0)
            rc = refs_add(refs, name, strlen(name), lib_oid_tostr(text, sizeof(text), &id), err);
    }
    lib_reference_iterator_free(at);
    return rc || code == GIT_ITEROVER ? rc : libgit2_fail(err, code, "list the branches and tags");
}

int objects_open(const char *path, struct objects *out, struct refs *refs, struct err *err)
{
    AUTO(objects_close) struct objects objects = {0};
    int rc = libgit2_load(err);
    if (rc)
        return rc;
    int code = lib_repository_open_ext(&objects.repo, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    if (!code)
        code = lib_repository_odb(&objects.odb, objects.repo);
    if (code == GIT_EOWNER)
        return err_set(err, ERR_DENIED,
                       "it belongs to another user: `git config --global --add safe.directory %s` "
                       "says that you trust it",
                       path);
    if (code)
        return libgit2_fail(err, code, "open the repository");
    rc = list_refs(&objects, refs, err);
    if (rc)
        return rc;
    *out = objects;
    objects = (struct objects){0};
    return 0;
}

int objects_commit(const struct objects *objects, const char *id, git_commit **out, struct err *err)
{
    git_oid oid;
    git_object *object = NULL;
    git_object *commit = NULL;
    int code = lib_oid_fromstr(&oid, id);
    if (!code)
        code = lib_object_lookup(&object, objects->repo, &oid, GIT_OBJECT_ANY);
    if (code)
        return libgit2_fail(err, code, "find the object %s", id);
    code = lib_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    lib_object_free(object);
    if (code == GIT_EPEEL || code == GIT_EINVALIDSPEC)
        return err_set(err, ERR_FAILED, "%s is the id of a file or a folder, and of no commit", id);
    if (code)
        return libgit2_fail(err, code, "find the commit that %s stands for", id);
    *out = (git_commit *)commit;
    return 0;
}

void objects_free_commit(git_commit **commit)
{
    if (*commit)
        lib_object_free((git_object *)*commit);
    *commit = NULL;
}

void objects_close(struct objects *objects)
{
    if (objects->repo)
        lib_repository_free(objects->repo);
    if (objects->odb)
        lib_odb_free(objects->odb);
    *objects = (struct objects){0};
}
