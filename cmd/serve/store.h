/* The store as a source of `wasme serve`. */
#ifndef WASME_CMD_SERVE_STORE_H
#define WASME_CMD_SERVE_STORE_H

#include "cmd/serve/live.h"
#include "base/digest_cache.h"
#include "image/ref.h"
#include "server/reply.h"

/*
 * The whole store: "/" lists it, "/<md5>/" is the page of an image and "/<md5>/filter.wasm" one of
 * its files, "/<reference>" and "/<sha256 hex>" are the wasm of an image, as in the original's
 * cache; "/plugins/..." as of Higress's plugin server. "/filter.wasm" is the wasm of the only image.
 * With `ref`, the page and the files of one image. The entity tag of a file is its digest.
 */
struct serve_store {
    struct store *store;
    const struct ref *ref; /* or NULL */
    const struct site *site;
    struct digest_cache *cache;
    struct live *live; /* of the whole store; NULL with `ref` */
};
int serve_store_resolve(void *store, const struct server_request *request, struct server_reply *out,
                        struct err *err);

#endif
