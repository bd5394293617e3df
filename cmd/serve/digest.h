/* Digests of files of the store, for `wasme serve`. */
#ifndef WASME_CMD_SERVE_DIGEST_H
#define WASME_CMD_SERVE_DIGEST_H

#include "base/digest.h"

/* A cache of digests: a file is hashed again only after a change. Any thread may use it. */
struct digest_cache;
struct digest_cache *digest_cache_new(void);
void digest_cache_free(struct digest_cache *cache);
/* Looks without hashing; false: the digest of the file is not known. */
bool digest_cache_find(struct digest_cache *cache, int fd, struct digest *out);
int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err);

#endif
