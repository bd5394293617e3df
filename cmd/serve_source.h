/* Where the files come from that `wasme serve` serves: each is a resolver for the HTTP server. */
#ifndef WASME_CMD_SERVE_SOURCE_H
#define WASME_CMD_SERVE_SOURCE_H

#include "image/ref.h"
#include "server/server.h"
#include "store/store.h"

/* Digests of files, kept so that a file is hashed once for as long as it stays as it is. */
struct digest_cache;
struct digest_cache *digest_cache_new(void);
void digest_cache_free(struct digest_cache *cache);

/*
 * Makes a file a response: its size, time, and its digest as entity tag. `fd` must be a regular
 * file; it belongs to the response when the call succeeds. A file above 256 MiB is hashed only
 * with `always`, since that keeps every other client waiting; otherwise its tag is made of its
 * size and time.
 */
int serve_file(struct digest_cache *cache, int fd, const char *name, bool always,
               struct server_resource *out, struct err *err);

/* A folder and what is below it; names that begin with a dot are hidden. */
struct serve_folder {
    int fd;
    struct digest_cache *cache;
};
int serve_folder_resolve(void *folder, const char *path, struct server_resource *out,
                         struct err *err);

/*
 * The store: "/" lists it, "/<md5>/filter.wasm" is a file of an image, "/<reference>" and
 * "/<sha256 hex>" are its wasm, as in the original's cache. With `ref`, one image: its files.
 */
struct serve_store {
    struct store *store;
    const struct ref *ref; /* or NULL */
    struct digest_cache *cache;
    /* Which image has which wasm: made when a digest is asked for, and again when the store has
     * changed. serve_store_release() frees it. */
    struct serve_digest {
        struct digest digest;
        char *ref; /* owned */
    } * digests;
    size_t digest_count;
    struct timespec store_changed; /* when the store's folder had changed last */
    int64_t read_at;               /* clock_ms() */
};
void serve_store_release(struct serve_store *store); /* usable with AUTO() */
int serve_store_resolve(void *store, const char *path, struct server_resource *out,
                        struct err *err);

/* Listing pages. */
void serve_page_begin(struct server_resource *out, const char *title);
/* A row; `path` is percent-encoded here; `size` below 0 and `when` 0 are left out. */
void serve_page_row(struct server_resource *out, const char *path, const char *text, long long size,
                    time_t when);
void serve_page_end(struct server_resource *out);

/* 301 to the path with a slash at its end. */
void serve_add_slash(struct server_resource *out, const char *path);

#endif
