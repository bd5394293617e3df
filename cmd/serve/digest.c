#include "cmd/serve/digest.h"

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
    struct cached slots[CACHE_SETS][CACHE_WAYS];
    unsigned char next[CACHE_SETS];
};

struct digest_cache *digest_cache_new(void)
{
    return mem_zero(1, sizeof(struct digest_cache));
}

void digest_cache_free(struct digest_cache *cache)
{
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

int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat");
    size_t set = info.st_ino % CACHE_SETS;
    for (size_t i = 0; i < CACHE_WAYS; i++) {
        if (!same_file(&cache->slots[set][i], &info))
            continue;
        *out = cache->slots[set][i].digest;
        return 0;
    }
    int rc = digest_of_fd(fd, out, NULL, err);
    if (rc)
        return rc;
    size_t way = cache->next[set]++ % CACHE_WAYS;
    cache->slots[set][way] =
        (struct cached){info.st_dev, info.st_ino, info.st_size, info.st_mtim, info.st_ctim, *out};
    return 0;
}
