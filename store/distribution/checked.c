#include "store/distribution/checked.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { SLOTS = 8192 };

struct slot {
    struct stat file;
    struct digest_any digest;
};

struct checked {
    pthread_mutex_t mutex;
    struct slot *slots[SLOTS]; /* by inode; a later file takes the place of an earlier one */
};

struct checked *checked_new(void)
{
    struct checked *checked = mem_zero(1, sizeof(*checked));
    pthread_mutex_init(&checked->mutex, NULL);
    return checked;
}

void checked_free(struct checked *checked)
{
    if (!checked)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(checked->slots[i]);
    pthread_mutex_destroy(&checked->mutex);
    free(checked);
}

static bool is_known(struct checked *checked, const struct stat *file,
                     const struct digest_any *digest)
{
    pthread_mutex_lock(&checked->mutex);
    const struct slot *slot = checked->slots[file->st_ino % SLOTS];
    bool known = slot && file_is_same(&slot->file, file) && digest_any_equal(&slot->digest, digest);
    pthread_mutex_unlock(&checked->mutex);
    return known;
}

static void remember(struct checked *checked, const struct stat *file,
                     const struct digest_any *digest)
{
    pthread_mutex_lock(&checked->mutex);
    struct slot **slot = &checked->slots[file->st_ino % SLOTS];
    if (!*slot)
        *slot = mem_alloc(sizeof(**slot));
    **slot = (struct slot){*file, *digest};
    pthread_mutex_unlock(&checked->mutex);
}

int checked_file(struct checked *checked, int fd, const struct digest_any *digest, struct err *err)
{
    struct stat file;
    struct digest_any found;
    if (fstat(fd, &file) != 0)
        return err_errno(err, "stat");
    if (is_known(checked, &file, digest))
        return 0;
    int rc = digest_any_of_fd(fd, digest_any_algorithm(digest), &found, NULL, err);
    if (rc)
        return rc;
    if (!digest_any_equal(&found, digest))
        return err_set(err, ERR_DAMAGED, "the file is damaged: its digest is %s, not %s",
                       found.text, digest->text);
    remember(checked, &file, digest);
    return 0;
}
