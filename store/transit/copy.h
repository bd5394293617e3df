/* An image from one place to another, with the same digest; a place is a registry or a store. */
#ifndef WASME_STORE_TRANSIT_COPY_H
#define WASME_STORE_TRANSIT_COPY_H

#include "store/transit/fetched.h"

struct copy_place {
    struct ref ref;
    struct store *store; /* lent; NULL: the registry of the reference */
};

/* A copy. The upper part is the caller's. */
struct copy {
    struct copy_place from, to;
    struct registry *registry; /* the client */
    struct fetch_wish wish;    /* from a registry into a store; `max_size` also bounds the bytes
                                  that stream from one registry to another */
    const char *spool_dir;     /* for what streams through this machine */
    const struct notice *notice;

    struct digest digest; /* set: of the manifest */
    bool unchanged;       /* set: the target had all of it */
};

/* Copies the image. `digest` and `unchanged` are set as far as the copy came. */
int copy_run(struct copy *copy, struct err *err);

#endif
