/* Where the files come from that `wasme serve` serves: each is a resolver for the HTTP server. */
#ifndef WASME_CMD_SERVE_SOURCE_H
#define WASME_CMD_SERVE_SOURCE_H

#include "image/ref.h"
#include "server/server.h"
#include "store/store.h"

/*
 * Makes a file a response: its size, time, and an entity tag of its size, times and inode. `fd`
 * must be a regular file; it belongs to the response when the call succeeds.
 */
int serve_file(int fd, const char *name, struct server_reply *out, struct err *err);

struct digest_cache;
struct serve_listing;

/* A folder and what is below it; names that begin with a dot are hidden, but for .well-known at its
 * top (RFC 8615). */
struct serve_folder {
    int fd;
    struct serve_listing *listing;
};
int serve_folder_resolve(void *folder, const char *path, struct server_reply *out, struct err *err);

/* One file, by its own name and as /filter.wasm; it is opened anew for each request. */
struct serve_one {
    const char *path;
};
int serve_one_resolve(void *one, const char *path, struct server_reply *out, struct err *err);

/*
 * The store: "/" lists it, "/<md5>/filter.wasm" is a file of an image, "/<reference>" and
 * "/<sha256 hex>" are its wasm, as in the original's cache. With `ref`, one image: its files.
 * The entity tag is the digest.
 */
struct serve_store {
    struct store *store;
    const struct ref *ref; /* or NULL */
    struct digest_cache *cache;
    struct serve_listing *listing;
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
int serve_store_resolve(void *store, const char *path, struct server_reply *out, struct err *err);

/* Listing pages. */
void serve_page_begin(struct server_reply *out, const char *title);
/* A row; `path` is percent-encoded here; `size` below 0 and `when` 0 are left out. */
void serve_page_row(struct server_reply *out, const char *path, const char *text, long long size,
                    time_t when);
/* The last row: so many rows are left out, or that many at least. */
void serve_page_more(struct server_reply *out, size_t count, bool at_least);
/* A page that was made before; it is copied. */
void serve_page_again(struct server_reply *out, const struct buf *page);
void serve_page_end(struct server_reply *out);

/* 301 to the path with a slash at its end. */
void serve_add_slash(struct server_reply *out, const char *path);

#endif
