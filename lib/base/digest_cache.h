/* Digests of files that are asked for again and again. */
#ifndef WASME_BASE_DIGEST_CACHE_H
#define WASME_BASE_DIGEST_CACHE_H

#include "base/digest.h"

/* A cache of digests: a file is hashed again only after a change. Any thread may use it. */
struct digest_cache;
struct digest_cache *digest_cache_new(void);
void digest_cache_free(struct digest_cache *cache);
/* Looks without hashing; false: the digest of the file is not known. */
bool digest_cache_find(struct digest_cache *cache, int fd, struct digest *out);
int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err);
/* The MD5 of the file, which is kept only beside its digest. */
int digest_cache_md5(struct digest_cache *cache, int fd, char out[MD5_HEX_LEN + 1],
                     struct err *err);
/* Verifies the file. ERR_DAMAGED when it has another digest; both are named. */
int digest_cache_check(struct digest_cache *cache, int fd, const struct digest_any *digest,
                       struct err *err);

#endif
