/* The page that lists a folder. */
#ifndef WASME_CMD_SERVE_LISTING_H
#define WASME_CMD_SERVE_LISTING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/beneath.h"
#include "cmd/serve_limits.h"
#include "server/reply.h"

/*
 * The page that was made last. For a second, all readers of the folder get the same page, unless a
 * name came or went: reading a large folder for each reader would keep all other clients waiting.
 */
struct serve_listing {
    char *path; /* owned; NULL: there is none yet */
    dev_t device;
    ino_t inode;
    struct timespec changed; /* the last change of the folder */
    int64_t made_at;         /* clock_ms() */
    int64_t rest_until;      /* clock_ms(): no other page is made before */
    struct buf page;
};

void serve_listing_release(struct serve_listing *listing); /* usable with AUTO() */
/*
 * Replies without making a page: with the kept page, if that is fresh and of this folder, whose
 * fstat(2) is `info`; or with 503, soon after a page that took long, so that making pages takes at
 * most half of the time. Returns false: the page has to be made.
 */
bool serve_listing_again(const struct serve_listing *listing, const char *path,
                         const struct stat *info, struct server_reply *out);
/* Keeps a copy of the page of this folder. `began`: clock_ms() before the page was made. */
void serve_listing_keep(struct serve_listing *listing, const char *path, const struct stat *info,
                        const struct buf *page, int64_t began);

/* Lists the folder `fd`, which lies in `tree` at `path`: up to 10,000 names that do not begin with a
 * dot, up to 4 MiB of rows, and the number of the other names; beyond 200,000 names the counting
 * ends. Links that lead nowhere, or out of the tree, are left out, as are FIFOs, sockets and
 * devices. */
int serve_list(struct serve_listing *listing, const struct beneath *tree, int fd, const char *path,
               struct server_reply *out, struct err *err);

#endif
