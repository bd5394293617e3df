#include "registry/credential_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

/* A file that is being changed. */
struct edit {
    char *path;         /* owned; what links lead to */
    int dir;            /* its folder, which is locked */
    struct json_t *doc; /* owned */
};

static void edit_release(struct edit *edit)
{
    free(edit->path);
    mem_close_at(&edit->dir); /* which ends the lock */
    json_doc_free_at(&edit->doc);
}

/* Where the file really is. */
static int resolve(const char *path, char **out, struct err *err)
{
    struct stat info;
    char *real = realpath(path, NULL);
    if (real) {
        *out = real;
        return 0;
    }
    if (errno != ENOENT)
        return err_errno(err, "%s", path);
    if (lstat(path, &info) == 0)
        return err_set(err, ERR_FAILED, "%s is a link to something that does not exist", path);
    *out = mem_dup(path);
    return 0;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_dup(".");
    return slash == path ? mem_dup("/") : mem_dup_n(path, (size_t)(slash - path));
}

/* The folder is what is locked: it stays, whatever is renamed in it, and needs no file beside. NFS
 * cannot do that; there the last writer wins, as with Docker. */
static int lock_folder(const char *path, bool make, int *out, struct err *err)
{
    AUTO_FREE char *folder = folder_of(path);
    int rc = 0;
    if (make && access(folder, F_OK) != 0) {
        rc = dir_make_all(folder, err);
        if (!rc)
            (void)chmod(folder, 0700); /* one that is made for secrets */
    }
    if (rc)
        return rc;
    AUTO_CLOSE int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_errno(err, "open %s", folder);
    while (flock(dir, LOCK_EX) != 0) {
        if (errno == EBADF || errno == EOPNOTSUPP || errno == ENOLCK)
            break;
        if (errno != EINTR)
            return err_errno(err, "lock %s", folder);
    }
    *out = dir;
    dir = -1;
    return 0;
}

static int read_doc(const char *path, struct json_t **out, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    int rc = file_read(AT_FDCWD, path, NULL, &text, err);
    if (rc == ERR_NOT_FOUND) {
        if (err)
            err_release(err);
        rc = 0;
    }
    if (rc)
        return rc;
    if (!text.len) {
        *out = json_new_obj();
        return 0;
    }
    rc = json_doc_parse(text.data, text.len, out, err);
    if (!rc && !json_is_obj(*out))
        rc = err_set(err, ERR_DAMAGED, "not a JSON object");
    return rc ? err_wrap(err, "credentials file %s", path) : 0;
}

static int edit_begin(const char *path, bool make, struct edit *edit, struct err *err)
{
    int rc = resolve(path, &edit->path, err);
    if (!rc)
        rc = lock_folder(edit->path, make, &edit->dir, err);
    if (!rc)
        rc = read_doc(edit->path, &edit->doc, err);
    return rc;
}

/* A new file beside the old one, then in its place. */
static int replace(const struct edit *edit, const struct buf *text, struct err *err)
{
    AUTO_FREE char *temporary = mem_printf("%s.XXXXXX", edit->path);
    AUTO_CLOSE int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return err_errno(err, "create %s", temporary);
    int rc = file_write_all(fd, text->data, text->len, temporary, err);
    if (!rc)
        rc = file_sync(fd, temporary, err);
    if (!rc && rename(temporary, edit->path) != 0)
        rc = err_errno(err, "rename %s", temporary);
    if (rc)
        (void)unlink(temporary);
    else
        rc = file_sync(edit->dir, edit->path, err);
    return rc;
}

static int edit_end(const struct edit *edit, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(2 * CREDENTIALS_FILE_MAX);
    buf_reserve(&text);
    json_dump(edit->doc, &text);
    if (text.len > CREDENTIALS_FILE_MAX || buf_overflowed(&text))
        return err_set(err, ERR_FAILED, "%s would have more than %d bytes", edit->path,
                       CREDENTIALS_FILE_MAX);
    return replace(edit, &text, err);
}

/* Removes the entries of the registry; how many there were. */
struct removal {
    const char *registry;
    char *found; /* one of their keys; owned */
};

static int find_key(void *arg, const char *key, const struct json_t *value)
{
    struct removal *removal = arg;
    (void)value;
    if (!credential_key_names(key, removal->registry))
        return 0;
    removal->found = mem_dup(key);
    return 1;
}

static size_t remove_entries(struct json_t *auths, const char *registry)
{
    size_t count = 0;
    struct removal removal = {registry, NULL};
    while (json_each_member(auths, find_key, &removal)) {
        json_remove(auths, removal.found);
        free(removal.found);
        count++;
    }
    return count;
}

/* The members of an entry, as Docker writes them. */
static int fill_entry(struct json_t *entry, const struct credential *credential, struct err *err)
{
    int rc = 0;
    if (credential->username) {
        AUTO(credential_wipe)
        char *auth = credential_encode(credential->username,
                                       credential->password ? credential->password : "");
        rc = json_set_text(entry, "auth", auth, err);
    }
    if (!rc && credential->identity_token)
        rc = json_set_text(entry, "identitytoken", credential->identity_token, err);
    return rc;
}

int credential_file_store(const char *path, const char *registry,
                          const struct credential *credential, struct err *err)
{
    AUTO(edit_release) struct edit edit = {.dir = -1};
    const char *key = credential_key(registry);
    int rc = edit_begin(path, true, &edit, err);
    if (rc)
        return rc;
    struct json_t *auths = json_obj_in(edit.doc, "auths");
    if (!auths)
        return err_set(err, ERR_DAMAGED, "credentials file %s: auths is no object", path);
    struct json_t *entry = NULL;
    (void)remove_entries(auths, registry); /* another spelling would count before ours */
    entry = json_obj_in(auths, key);
    rc = entry ? fill_entry(entry, credential, err) : err_set(err, ERR_USAGE, "not UTF-8: %s", key);
    return rc ? rc : edit_end(&edit, err);
}

int credential_file_erase(const char *path, const char *registry, bool *removed, struct err *err)
{
    AUTO(edit_release) struct edit edit = {.dir = -1};
    *removed = false;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    int rc = edit_begin(path, false, &edit, err);
    if (rc || !json_is_obj(json_member(edit.doc, "auths")))
        return rc;
    *removed = remove_entries(json_obj_in(edit.doc, "auths"), registry) > 0;
    return *removed ? edit_end(&edit, err) : 0;
}

int credential_file_helper(const char *path, const char *registry, char **name, char **origin,
                           struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    *name = NULL;
    *origin = NULL;
    int rc = file_read(AT_FDCWD, path, NULL, &text, err);
    if (rc == ERR_NOT_FOUND) {
        if (err)
            err_release(err);
        return 0;
    }
    if (!rc)
        rc = credential_config_read(buf_text(&text), text.len, registry, NULL, &entry, err);
    if (rc)
        return err_wrap(err, "credentials file %s", path);
    if (entry.helper) {
        *origin = mem_printf("%s in %s", entry.member, path);
        *name = STEAL(entry.helper);
    }
    return 0;
}
