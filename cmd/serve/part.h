/* Files of images of the store. */
#ifndef WASME_CMD_SERVE_PART_H
#define WASME_CMD_SERVE_PART_H

#include "base/digest_cache.h"
#include "server/reply.h"
#include "store/store.h"

#define PART_WASM "filter.wasm"

/*
 * Replies with a file of the image, whose entity tag is its digest; 404 when there is none of that
 * name. A wasm with another digest than its descriptor names is an error (500), so that each served
 * wasm is the image's own. A large file that was not hashed yet is hashed by another thread.
 * `forever`: what the address names never changes. `in_job`: the caller is such a thread already.
 */
int part_serve(struct digest_cache *cache, const struct store_image *image, const char *name,
               bool forever, bool in_job, struct server_reply *out, struct err *err);

#endif
