/* Listing a folder: its page is made in another thread, and kept for a second. */
#ifndef WASME_CMD_SERVE_LISTING_H
#define WASME_CMD_SERVE_LISTING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/beneath.h"
#include "cmd/serve_limits.h"
#include "server/reply.h"

/*
 * The page that was made last. For a second, all readers of the folder get the same page, unless a
 * name came or went: reading a large folder for each reader would keep the disk busy.
 */
struct serve_listing {
    pthread_mutex_t making; /* held while a page is made: one at a time */
    pthread_mutex_t lock;   /* of the next members */
    char *key;              /* owned: the path and what was asked for; NULL: there is none yet */
    bool json;
    dev_t device;
    ino_t inode;
    struct timespec changed; /* the last change of the folder */
    int64_t made_at;         /* clock_ms() */
    int64_t rest_until;      /* clock_ms(): no other page is made before */
    struct buf page;
    char etag[128];
};

void serve_listing_init(struct serve_listing *listing);
void serve_listing_release(struct serve_listing *listing); /* usable with AUTO() */

/*
 * Lists the folder `fd`, which lies in `tree` at the path of the request: up to 10,000 names that
 * do not begin with a dot, up to 4 MiB of rows, and the number of other names; past 200,000 the
 * counting ends. Links that lead nowhere, or out of the tree, are left out, as are FIFOs, sockets
 * and devices. The ABI of the first LISTING_MODULES_MAX files named *.wasm is looked up.
 *
 * 503: soon after a page that took long, so that making pages takes at most half of the time. All
 * is lent and outlives the reply, except `fd`.
 */
int serve_list(struct serve_listing *listing, const struct beneath *tree, int fd,
               const struct server_request *request, struct server_reply *out, struct err *err);

#endif
