/* The page that lists a folder. */
#ifndef WASME_CMD_SERVE_LISTING_H
#define WASME_CMD_SERVE_LISTING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "server/reply.h"

/*
 * The page that was made last. To many readers of a large folder it is given again for a second, as
 * long as no name came or went: reading the folder for each would keep all others waiting.
 */
struct serve_listing {
    char *path; /* owned; NULL: there is none yet */
    dev_t device;
    ino_t inode;
    struct timespec changed; /* when the folder had changed last */
    int64_t made_at;         /* clock_ms() */
    int64_t rest_until;      /* clock_ms(): no other page is made before */
    struct buf page;
};

void serve_listing_release(struct serve_listing *listing); /* usable with AUTO() */
/*
 * Gives the page of that folder, whose fstat(2) is `info`, again, when it is fresh enough; or
 * 503 soon after a page that took long, so that making pages, of whatever folders, takes
 * half of the time at the most. False: the page has to be made.
 */
bool serve_listing_again(const struct serve_listing *listing, const char *path,
                         const struct stat *info, struct server_reply *out);
/* Keeps a copy of the page that was made of it since `began`, which is of clock_ms(). */
void serve_listing_keep(struct serve_listing *listing, const char *path, const struct stat *info,
                        const struct buf *page, int64_t began);

/* Lists the folder `fd` as `path`: the first 10,000 names that do not begin with a dot, or 4 MiB of
 * rows, and how many more there are; beyond 200,000 they are not counted. */
int serve_list(struct serve_listing *listing, int fd, const char *path, struct server_reply *out,
               struct err *err);

#endif
