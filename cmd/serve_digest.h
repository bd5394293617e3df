/* Digests of the files that `wasme serve` serves of the store. */
#ifndef WASME_CMD_SERVE_DIGEST_H
#define WASME_CMD_SERVE_DIGEST_H

#include "base/digest.h"

/* A file is hashed once for as long as it stays as it is. */
struct digest_cache;
struct digest_cache *digest_cache_new(void);
void digest_cache_free(struct digest_cache *cache);
int digest_cache_get(struct digest_cache *cache, int fd, struct digest *out, struct err *err);

#endif
