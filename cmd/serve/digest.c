#include "cmd/serve/digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"

enum { CACHE_SETS = 4096, CACHE_WAYS = 8 };

struct cached {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified, changed;
    struct digest digest;
};

/* Files whose inodes share a set take the slots of the set in turn. */
struct digest_cache {
    pthread_mutex_t lock;
    struct cached slots[CACHE_SETS][CACHE_WAYS];
    unsigned char next[CACHE_SETS];
};

struct digest_cache *digest_cache_new(void)
{
    struct digest_cache *cache = mem_zero(1, sizeof(struct digest_cache));
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void digest_cache_free(struct digest_cache *cache)
{
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static bool same_file(const struct cached *slot, const struct stat *info)
{
    return slot->digest.text[0] && slot->dev == info->st_dev && slot->ino == info->st_ino &&
           slot->size == info->st_size && slot->modified.tv_sec == info->st_mtim.tv_sec &&
           slot->modified.tv_nsec == info->st_mtim.tv_nsec &&
           slot->changed.tv_sec == info->st_ctim.tv_sec &&
           slot->changed.tv_nsec == info->st_ctim.tv_nsec;
}

static bool find(struct digest_cache *cache, const struct stat *info, struct digest *out)
{
    const struct cached *set = cache->slots[info->st_ino % CACHE_SETS];
    bool found = false;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < CACHE_WAYS && !found; i++) {
        found = same_file(&set[i], info);
        if (found)
            *out = set[i].digest;
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

static void keep(struct digest_cache *cache, const struct stat *info, const struct digest *digest)
{
    size_t set = info->st_ino % CACHE_SETS;
    pthread_mutex_lock(&cache->lock);
    size_t way = cache->next[set]++ % CACHE_WAYS;
    cache->slots[set][way] = (struct cached){info->st_dev,  info->st_ino,  info->st_size,
                                             info->st_mtim, info->st_ctim, *digest};
    pthread_mutex_unlock(&cache->lock);
}

bool digest_cache_find(struct digest_cache *cache, int fd, struct digest *out)
{
    struct stat info;
    return fstat(fd, &info) == 0 && find(cache, &info, out);
}

int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err)
{
    struct stat before, after;
    if (fstat(fd, &before) != 0)
        return err_errno(err, "stat");
    if (find(cache, &before, out))
        return 0;
    int rc = digest_of_fd(fd, out, NULL, err);
    if (rc)
        return rc;
    /* The digest of a file that was written meanwhile is that of no moment. */
    if (fstat(fd, &after) == 0 && before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
        before.st_ctim.tv_nsec == after.st_ctim.tv_nsec && before.st_size == after.st_size)
        keep(cache, &before, out);
    return 0;
}
