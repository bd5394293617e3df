#include "credential/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "credential/form.h"
#include "credential/place.h"

/* A file that is being changed. */
struct edit {
    char *path;         /* owned; the file behind all links */
    int dir;            /* the folder of the file */
    int lock;           /* the lock file, held while the file is changed; -1: none */
    char *lock_name;    /* owned; the name of the lock file in the folder */
    struct json_t *doc; /* owned */
};

static void edit_release(struct edit *edit)
{
    if (edit->lock >= 0)
        (void)unlinkat(edit->dir, edit->lock_name,
                       0); /* with the lock still held: see lock_take() */
    mem_close_at(&edit->lock);
    mem_close_at(&edit->dir);
    free(edit->lock_name);
    free(edit->path);
    json_doc_free_at(&edit->doc);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_dup(".");
    return slash == path ? mem_dup("/") : mem_dup_n(path, (size_t)(slash - path));
}

/* With a link, another user could lead root to a file that this user may not change. */
static bool is_foreign_link(const char *path, const struct stat *target)
{
    struct stat link;
    return lstat(path, &link) == 0 && S_ISLNK(link.st_mode) && link.st_uid != geteuid() &&
           link.st_uid != 0 && link.st_uid != target->st_uid;
}

/* The path behind all links. */
static int resolve(const char *path, char **out, struct err *err)
{
    struct stat info;
    AUTO_FREE char *folder = folder_of(path);
    AUTO_FREE char *real = realpath(path, NULL);
    if (!real && errno != ENOENT)
        return err_errno(err, "%s", path);
    if (!real && lstat(path, &info) == 0)
        return err_set(err, ERR_FAILED, "%s is a link to something that does not exist", path);
    if (real && stat(real, &info) == 0 &&
        (is_foreign_link(path, &info) || is_foreign_link(folder, &info)))
        return err_set(err, ERR_FAILED,
                       "%s leads by a link of another user to %s, which is not that user's: name "
                       "the file itself",
                       path, real);
    *out = real ? STEAL(real) : mem_dup(path);
    return 0;
}

static int open_folder(struct edit *edit, bool make, struct err *err)
{
    AUTO_FREE char *folder = folder_of(edit->path);
    int rc = 0;
    if (make && access(folder, F_OK) != 0) {
        rc = dir_make_all(folder, err);
        if (!rc)
            (void)chmod(folder, 0700); /* the folder is made for secrets */
    }
    if (rc)
        return rc;
    edit->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return edit->dir < 0 ? err_errno(err, "open %s", folder) : 0;
}

/* The credentials file cannot be the lock, since a rename replaces it. On a file system without
 * locks the last writer wins, as with Docker. */
static int lock_file(struct edit *edit, const struct lock_wait *wait, struct err *err)
{
    const char *slash = strrchr(edit->path, '/');
    int stem = slash ? (int)(slash + 1 - edit->path) : 0;
    AUTO_FREE char *shown = mem_printf("%.*s.%s.lock", stem, edit->path, edit->path + stem);
    edit->lock_name = mem_dup(shown + stem);
    const struct lock_place place = {edit->dir, edit->lock_name, shown};
    int rc = lock_take(&place, wait, &edit->lock, err);
    if (rc != ERR_UNSUPPORTED)
        return rc;
    err_release(err);
    return 0;
}

/* Members of Docker's form, added to a file of another form, would hide the credentials in it. */
static int refuse_form(enum credential_form form, struct err *err)
{
    static const char *const names[] = {
        [CREDENTIAL_LEGACY] = "the old .dockercfg", [CREDENTIAL_SECRET] = "a Kubernetes Secret"};
    _Static_assert(COUNT(names) == CREDENTIAL_FORM_COUNT, "each form has a name");
    return form == CREDENTIAL_DOCKER ? 0
                                     : err_set(err, ERR_UNSUPPORTED,
                                               "its form is that of %s, which wasme reads and does "
                                               "not change: name another file",
                                               names[form]);
}

static int read_doc(const char *path, struct json_t **out, struct err *err)
{
    struct buf text AUTO(buf_wipe) = BUF_INIT(CREDENTIALS_FILE_MAX);
    const struct credential_place place = {.name = path, .optional = true};
    int rc = credential_place_read(&place, &text, err);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        rc = 0;
    }
    if (rc)
        return rc;
    if (!text.len) {
        *out = json_new_obj();
        return 0;
    }
    enum credential_form form = CREDENTIAL_DOCKER;
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    rc = credential_form_parse(text.data, text.len, &doc, &form, err);
    if (!rc)
        rc = refuse_form(form, err);
    if (rc)
        return err_wrap(err, "credentials file %s", path);
    *out = STEAL(doc);
    return 0;
}

static int edit_begin(const char *path, bool make, const struct lock_wait *wait, struct edit *edit,
                      struct err *err)
{
    int rc = resolve(path, &edit->path, err);
    if (!rc)
        rc = open_folder(edit, make, err);
    if (!rc)
        rc = lock_file(edit, wait, err);
    if (!rc)
        rc = read_doc(edit->path, &edit->doc, err);
    return rc;
}

/* Writes a new file beside the old one, gives it the old one's owner and mode, and renames it. */
static int replace(const struct edit *edit, const struct buf *text, struct err *err)
{
    AUTO_FREE char *temporary = mem_printf("%s.XXXXXX", edit->path);
    AUTO_CLOSE int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return err_errno(err, "create %s", temporary);
    struct stat old;
    int rc = file_write_all(fd, text->data, text->len, temporary, err);
    if (!rc && stat(edit->path, &old) == 0)
        rc = file_set_access(fd, &old, edit->path, err);
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

/* The search for a key that names a registry. */
struct key_search {
    const char *registry;
    char *found; /* the key; owned */
};

static int find_key(void *arg, const char *key, const struct json_t *value)
{
    struct key_search *search = arg;
    (void)value;
    if (!credential_key_names(key, search->registry))
        return 0;
    search->found = mem_dup(key);
    return 1;
}

/* Removes the entries of the registry, and returns their number. */
static size_t remove_entries(struct json_t *auths, const char *registry)
{
    size_t count = 0;
    struct key_search search = {registry, NULL};
    while (json_each_member(auths, find_key, &search)) {
        json_remove(auths, search.found);
        free(search.found);
        count++;
    }
    return count;
}

/* Fills the entry with the members that Docker writes. */
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
                          const struct credential *credential, const struct lock_wait *wait,
                          struct err *err)
{
    AUTO(edit_release) struct edit edit = {.dir = -1, .lock = -1};
    const char *key = credential_key(registry);
    int rc = edit_begin(path, true, wait, &edit, err);
    if (rc)
        return rc;
    struct json_t *auths = json_obj_in(edit.doc, "auths");
    if (!auths)
        return err_set(err, ERR_DAMAGED, "credentials file %s: auths is no object", path);
    struct json_t *entry = NULL;
    (void)remove_entries(
        auths, registry); /* an old key in another spelling would count before the new one */
    entry = json_obj_in(auths, key);
    rc = entry ? fill_entry(entry, credential, err) : err_set(err, ERR_USAGE, "not UTF-8: %s", key);
    return rc ? rc : edit_end(&edit, err);
}

/* Looks without the lock: when there is nothing to remove, the file may be one that this user
 * cannot write. */
static int look_for_entries(const char *path, const char *registry, bool *has, struct err *err)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    struct key_search search = {registry, NULL};
    int rc = read_doc(path, &doc, err);
    if (rc)
        return rc;
    *has = json_each_member(json_member(doc, "auths"), find_key, &search) != 0;
    free(search.found);
    return 0;
}

int credential_file_erase(const char *path, const char *registry, const struct lock_wait *wait,
                          bool *removed, struct err *err)
{
    AUTO(edit_release) struct edit edit = {.dir = -1, .lock = -1};
    bool has = false;
    *removed = false;
    int rc = look_for_entries(path, registry, &has, err);
    if (rc || !has)
        return rc;
    rc = edit_begin(path, false, wait, &edit, err);
    if (rc || !json_is_obj(json_member(edit.doc, "auths")))
        return rc;
    *removed = remove_entries(json_obj_in(edit.doc, "auths"), registry) > 0;
    return *removed ? edit_end(&edit, err) : 0;
}

int credential_file_helper(const char *path, const char *registry, char **name, char **origin,
                           struct err *err)
{
    AUTO(credential_entry_release) struct credential_entry entry = {0};
    const struct credential_place place = {.name = path, .optional = true};
    const struct credential_target target = {.registry = registry};
    *name = NULL;
    *origin = NULL;
    int rc = credential_place_entry(&place, &target, &entry, err);
    if (rc == ERR_NOT_FOUND) {
        err_release(err);
        return 0;
    }
    if (rc)
        return err_wrap(err, "credentials file %s", path);
    if (entry.helper) {
        *origin = mem_printf("%s in %s", entry.member, path);
        *name = STEAL(entry.helper);
    }
    return 0;
}
