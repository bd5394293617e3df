#include "base/digest_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { CACHE_SETS = 4096, CACHE_WAYS = 8 };

struct cached {
    struct stat file;
    struct digest_any digest;  /* "": the slot is empty */
    char md5[MD5_HEX_LEN + 1]; /* beside SHA-256 alone; "": not known */
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

static bool is_of(const struct cached *slot, const struct stat *info,
                  enum digest_algorithm algorithm)
{
    return slot->digest.text[0] && digest_any_algorithm(&slot->digest) == algorithm &&
           file_is_same(&slot->file, info);
}

/* The slot of the file, or NULL; the lock is held. */
static struct cached *slot_of(struct digest_cache *cache, const struct stat *info,
                              enum digest_algorithm algorithm)
{
    struct cached *set = cache->slots[info->st_ino % CACHE_SETS];
    for (size_t i = 0; i < CACHE_WAYS; i++) {
        if (is_of(&set[i], info, algorithm))
            return &set[i];
    }
    return NULL;
}

static bool find(struct digest_cache *cache, const struct stat *info,
                 enum digest_algorithm algorithm, struct digest_any *out)
{
    pthread_mutex_lock(&cache->lock);
    const struct cached *slot = slot_of(cache, info, algorithm);
    if (slot)
        *out = slot->digest;
    pthread_mutex_unlock(&cache->lock);
    return slot != NULL;
}

static void keep(struct digest_cache *cache, const struct stat *info,
                 const struct digest_any *digest)
{
    size_t set = info->st_ino % CACHE_SETS;
    pthread_mutex_lock(&cache->lock);
    size_t way = cache->next[set]++ % CACHE_WAYS;
    cache->slots[set][way] = (struct cached){.file = *info, .digest = *digest};
    pthread_mutex_unlock(&cache->lock);
}

bool digest_cache_find(struct digest_cache *cache, int fd, struct digest *out)
{
    struct stat info;
    struct digest_any digest;
    return fstat(fd, &info) == 0 && find(cache, &info, DIGEST_SHA256, &digest) &&
           digest_narrow(&digest, out);
}

static int get(struct digest_cache *cache, int fd, enum digest_algorithm algorithm,
               struct digest_any *out, struct err *err)
{
    struct stat before, after;
    if (fstat(fd, &before) != 0)
        return err_errno(err, "stat");
    if (find(cache, &before, algorithm, out))
        return 0;
    int rc = digest_any_of_fd(fd, algorithm, out, NULL, err);
    if (rc)
        return rc;
    /* The digest of a file that was written meanwhile is that of no moment. */
    if (fstat(fd, &after) == 0 && file_is_same(&before, &after))
        keep(cache, &before, out);
    return 0;
}

int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err)
{
    struct digest_any digest;
    int rc = get(cache, fd, DIGEST_SHA256, &digest, err);
    if (!rc)
        (void)digest_narrow(&digest, out);
    return rc;
}

int digest_cache_check(struct digest_cache *cache, int fd, const struct digest_any *digest,
                       struct err *err)
{
    struct digest_any found;
    int rc = get(cache, fd, digest_any_algorithm(digest), &found, err);
    if (rc || digest_any_equal(&found, digest))
        return rc;
    return err_set(err, ERR_DAMAGED, "the file is damaged: its digest is %s, not %s", found.text,
                   digest->text);
}

static bool find_md5(struct digest_cache *cache, const struct stat *info, char out[MD5_HEX_LEN + 1])
{
    pthread_mutex_lock(&cache->lock);
    const struct cached *slot = slot_of(cache, info, DIGEST_SHA256);
    bool known = slot && slot->md5[0];
    if (known)
        memcpy(out, slot->md5, MD5_HEX_LEN + 1);
    pthread_mutex_unlock(&cache->lock);
    return known;
}

int digest_cache_md5(struct digest_cache *cache, int fd, char out[MD5_HEX_LEN + 1], struct err *err)
{
    struct stat info, after;
    if (fstat(fd, &info) != 0)
        return err_errno(err, "stat");
    if (find_md5(cache, &info, out))
        return 0;
    int rc = md5_of_fd(fd, out, err);
    if (rc || fstat(fd, &after) != 0)
        return rc;
    pthread_mutex_lock(&cache->lock);
    struct cached *slot = slot_of(cache, &info, DIGEST_SHA256);
    if (slot && is_of(slot, &after, DIGEST_SHA256))
        memcpy(slot->md5, out, MD5_HEX_LEN + 1);
    pthread_mutex_unlock(&cache->lock);
    return 0;
}
