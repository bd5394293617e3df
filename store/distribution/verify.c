#include "store/distribution/verify.h"

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

struct verified {
    pthread_mutex_t mutex;
    struct slot *slots[SLOTS]; /* by inode; a later file takes the place of an earlier one */
};

struct verified *verified_new(void)
{
    struct verified *verified = mem_zero(1, sizeof(*verified));
    pthread_mutex_init(&verified->mutex, NULL);
    return verified;
}

void verified_free(struct verified *verified)
{
    if (!verified)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(verified->slots[i]);
    pthread_mutex_destroy(&verified->mutex);
    free(verified);
}

static bool is_known(struct verified *verified, const struct stat *file,
                     const struct digest_any *digest)
{
    pthread_mutex_lock(&verified->mutex);
    const struct slot *slot = verified->slots[file->st_ino % SLOTS];
    bool known = slot && slot->file.st_dev == file->st_dev && slot->file.st_ino == file->st_ino &&
                 file_is_same(&slot->file, file) && digest_any_equal(&slot->digest, digest);
    pthread_mutex_unlock(&verified->mutex);
    return known;
}

static void remember(struct verified *verified, const struct stat *file,
                     const struct digest_any *digest)
{
    pthread_mutex_lock(&verified->mutex);
    struct slot **slot = &verified->slots[file->st_ino % SLOTS];
    if (!*slot)
        *slot = mem_alloc(sizeof(**slot));
    **slot = (struct slot){*file, *digest};
    pthread_mutex_unlock(&verified->mutex);
}

int verified_check(struct verified *verified, int fd, const struct digest_any *digest,
                   struct err *err)
{
    struct stat file;
    struct digest_any found;
    if (fstat(fd, &file) != 0)
        return err_errno(err, "stat");
    if (is_known(verified, &file, digest))
        return 0;
    int rc = digest_any_of_fd(fd, digest_any_algorithm(digest), &found, NULL, err);
    if (rc)
        return rc;
    if (!digest_any_equal(&found, digest))
        return err_set(err, ERR_DAMAGED, "the file is damaged: its digest is %s, not %s",
                       found.text, digest->text);
    remember(verified, &file, digest);
    return 0;
}
