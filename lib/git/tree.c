#include "git/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"

#define LFS_POINTER "version https://git-lfs.github.com/spec/"
#define S_IFGITLINK 0160000

/* A folder that is being written, and its path from the repository's root: "" or "a/b/". */
struct place {
    int fd;
    const char *path;
    int depth;
};

struct entry {
    const char *name;
    const git_oid *id;
    mode_t mode;
};

static void free_tree(git_tree **tree)
{
    if (*tree)
        lib_tree_free(*tree);
}

static void free_blob(git_blob **blob)
{
    if (*blob)
        lib_blob_free(*blob);
}

static bool is_name(const char *name)
{
    return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strcasecmp(name, ".git") != 0;
}

static int count(struct tree_sums *sums, long long bytes, const char *path, struct err *err)
{
    if (++sums->files > GIT_FILES_MAX)
        return err_set(err, ERR_DAMAGED, "the repository has more than %d files", GIT_FILES_MAX);
    if (bytes > GIT_FILE_BYTES)
        return err_set(err, ERR_DAMAGED,
                       "%.200s in the repository has %lld bytes, and %lld is the "
                       "most",
                       path, bytes, GIT_FILE_BYTES);
    sums->bytes += bytes;
    if (sums->bytes > GIT_FILES_BYTES)
        return err_set(err, ERR_DAMAGED, "the files of the repository have more than %lld bytes",
                       GIT_FILES_BYTES);
    return 0;
}

/* Reads a blob, whose size is counted before the bytes are unpacked. */
static int read_blob(struct tree_job *job, const struct entry *entry, const char *path,
                     git_blob **out, struct err *err)
{
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    int code = lib_odb_read_header(&size, &type, job->objects->odb, entry->id);
    if (code)
        return libgit2_fail(err, code, "read %.200s", path);
    int rc = count(job->sums, size > LLONG_MAX ? LLONG_MAX : (long long)size, path, err);
    if (rc)
        return rc;
    code = lib_blob_lookup(out, job->objects->repo, entry->id);
    return code ? libgit2_fail(err, code, "read %.200s", path) : 0;
}

static int write_file(struct tree_job *job, const struct place *place, const struct entry *entry,
                      const char *path, struct err *err)
{
    AUTO(free_blob) git_blob *blob = NULL;
    int rc = read_blob(job, entry, path, &blob, err);
    if (rc)
        return rc;
    const char *data = lib_blob_rawcontent(blob);
    size_t size = (size_t)lib_blob_rawsize(blob);
    if (size > sizeof(LFS_POINTER) && size < 1024 &&
        memcmp(data, LFS_POINTER, sizeof(LFS_POINTER) - 1) == 0 && job->sums->lfs++ == 0)
        job->sums->first_lfs = mem_printf("%s%s", job->below, path);
    mode_t mode = entry->mode & S_IXUSR ? 0755 : 0644;
    AUTO_CLOSE int fd =
        openat(place->fd, entry->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return err_errno(err, "write %.200s of the repository", path);
    return file_write_all(fd, data, size, path, err);
}

static int keep_link(struct tree_job *job, const struct entry *entry, const char *path,
                     struct err *err)
{
    AUTO(free_blob) git_blob *blob = NULL;
    int rc = read_blob(job, entry, path, &blob, err);
    if (rc)
        return rc;
    size_t size = (size_t)lib_blob_rawsize(blob);
    const char *data = lib_blob_rawcontent(blob);
    if (!size || size >= PATH_MAX || memchr(data, '\0', size))
        return err_set(err, ERR_DAMAGED, "%.200s in the repository is a damaged link", path);
    AUTO_FREE char *target = mem_dup_n(data, size);
    AUTO_FREE char *whole = mem_printf("%s%s", job->below, path);
    links_add(job->links, whole, target);
    return 0;
}

static void keep_module(struct tree_job *job, const struct entry *entry, const char *path)
{
    job->modules = mem_grow(job->modules, job->module_count, sizeof(*job->modules));
    struct submodule *module = &job->modules[job->module_count++];
    module->path = mem_dup(path);
    lib_oid_tostr(module->id, sizeof(module->id), entry->id);
}

static int write_tree(struct tree_job *job, git_tree *tree, const struct place *place,
                      struct err *err);

/* Reads the list of files of a folder, whose size is counted before it is unpacked. */
static int read_tree(struct tree_job *job, const git_oid *id, const char *path, git_tree **out,
                     struct err *err)
{
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    int code = lib_odb_read_header(&size, &type, job->objects->odb, id);
    if (!code && size > (size_t)(GIT_FOLDERS_BYTES - job->sums->folder_bytes))
        return err_set(err, ERR_DAMAGED,
                       "the lists of files of the repository have more than %lld bytes",
                       GIT_FOLDERS_BYTES);
    job->sums->folder_bytes += (long long)size;
    if (!code)
        code = lib_tree_lookup(out, job->objects->repo, id);
    return code ? libgit2_fail(err, code, "read the folder %.200s", path) : 0;
}

static int write_folder(struct tree_job *job, const struct place *place, const struct entry *entry,
                        const char *path, struct err *err)
{
    AUTO(free_tree) git_tree *tree = NULL;
    int rc = count(job->sums, 0, path, err);
    if (rc)
        return rc;
    if (place->depth >= GIT_DEPTH_MAX || strlen(path) + strlen(job->below) >= PATH_MAX / 2)
        return err_set(err, ERR_DAMAGED, "the folders of the repository are too deep at %.200s...",
                       path);
    if (mkdirat(place->fd, entry->name, 0755) != 0)
        return err_errno(err, "make the folder %.200s of the repository", path);
    if (entry->mode == S_IFGITLINK) {
        keep_module(job, entry, path);
        return 0;
    }
    rc = read_tree(job, entry->id, path, &tree, err);
    if (rc)
        return rc;
    AUTO_CLOSE int fd =
        openat(place->fd, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open the folder %.200s of the repository", path);
    AUTO_FREE char *below = mem_printf("%s/", path);
    const struct place next = {fd, below, place->depth + 1};
    return write_tree(job, tree, &next, err);
}

static int write_entry(struct tree_job *job, const struct place *place, const struct entry *entry,
                       struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s%s", place->path, entry->name);
    int rc = stop_check(err);
    if (rc)
        return rc;
    if (!is_name(entry->name) || strlen(entry->name) > NAME_MAX)
        return err_set(err, ERR_DAMAGED, "the repository has a file of the name \"%.200s\"", path);
    switch (entry->mode & S_IFMT) {
    case S_IFREG:
        return write_file(job, place, entry, path, err);
    case S_IFLNK:
        return keep_link(job, entry, path, err);
    case S_IFDIR:
    case S_IFGITLINK:
        return write_folder(job, place, entry, path, err);
    default:
        return err_set(err, ERR_DAMAGED, "%.200s in the repository has a bad mode", path);
    }
}

static int write_tree(struct tree_job *job, git_tree *tree, const struct place *place,
                      struct err *err)
{
    size_t entries = lib_tree_entrycount(tree);
    int rc = 0;
    for (size_t i = 0; i < entries && !rc; i++) {
        const git_tree_entry *from = lib_tree_entry_byindex(tree, i);
        const struct entry entry = {lib_tree_entry_name(from), lib_tree_entry_id(from),
                                    (mode_t)lib_tree_entry_filemode_raw(from)};
        rc = write_entry(job, place, &entry, err);
    }
    return rc;
}

int tree_write(struct tree_job *job, git_commit *commit, struct err *err)
{
    AUTO(free_tree) git_tree *tree = NULL;
    AUTO_FREE char *folder = mem_printf("%s/%s", job->root, job->below);
    AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, "open %s", folder);
    int rc = read_tree(job, lib_commit_tree_id(commit), "of the commit", &tree, err);
    if (rc)
        return rc;
    struct place place = {fd, "", 0};
    for (const char *at = job->below; *at; at++)
        place.depth += *at == '/';
    return write_tree(job, tree, &place, err);
}

void tree_job_release(struct tree_job *job)
{
    for (size_t i = 0; i < job->module_count; i++)
        free(job->modules[i].path);
    free(job->modules);
    job->modules = NULL;
    job->module_count = 0;
}
