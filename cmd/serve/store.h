/* The store as a source of `wasme serve`. */
#ifndef WASME_CMD_SERVE_STORE_H
#define WASME_CMD_SERVE_STORE_H

#include "cmd/serve/digest.h"
#include "cmd/serve/listing.h"
#include "image/ref.h"
#include "store/store.h"

/*
 * The whole store: "/" lists it, "/<md5>/filter.wasm" is a file of an image, "/<reference>" and
 * "/<sha256 hex>" are the wasm of an image, as in the original's cache. With `ref`, the files of
 * one image. The entity tag is the digest of the file.
 */
struct serve_store {
    struct store *store;
    const struct ref *ref; /* or NULL */
    struct digest_cache *cache;
    struct serve_listing *listing;
    /* The digest of the wasm of each image. The list is made when a client asks for a digest, and
     * again after a change of the store. serve_store_release() frees the list. */
    struct serve_known_wasm {
        struct digest digest;
        char *ref; /* owned */
    } * digests;
    size_t digest_count;
    struct timespec store_changed; /* the last change of the store's folder */
    int64_t read_at;               /* clock_ms() */
};
void serve_store_release(struct serve_store *store); /* usable with AUTO() */
int serve_store_resolve(void *store, const char *path, struct server_reply *out, struct err *err);

#endif
