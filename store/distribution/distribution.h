/*
 * The server's side of the registry API (OCI distribution specification 1.1, with `tag` parameters
 * and Docker's headers): the images of a store, and what was pushed (depot.h).
 *
 * An image HOST/PATH:TAG of the store is in the repositories PATH and HOST/PATH; a colon in HOST is
 * written as '_', since names of repositories have none. When images of several hosts have the same
 * PATH:TAG, the one under the server's own name counts.
 */
#ifndef WASME_STORE_DISTRIBUTION_DISTRIBUTION_H
#define WASME_STORE_DISTRIBUTION_DISTRIBUTION_H

#include "base/digest_cache.h"
#include "registry/registry.h"
#include "server/reply.h"
#include "store/snapshot.h"

/* The registry in front of which the server is a cache (see through.h); lent. */
struct dist_upstream {
    const char *host;   /* as in references */
    const char *prefix; /* of its repositories, without slashes at its ends; "" */
    const struct registry_options *registry; /* how it is reached */
    int fresh_seconds;                       /* a tag is asked about again after so long */
};

struct dist_options {
    struct store *store;          /* lent, as all texts */
    const char *dir;              /* of what was pushed; see depot.h */
    struct digest_cache *digests; /* of the files that are served; lent */
    const char *host;             /* the server's own name: images pushed here are HOST/PATH:TAG */
    bool writable;                /* otherwise every write is refused */
    const struct dist_upstream *upstream; /* NULL: none. Then `host` is that of the upstream */
    long long max_upload;                 /* bytes of a blob */
    /* The images of the store, one owner more; called in any thread. With `fresh`, all changes of
     * the store are in it that were made before the call. NULL: the store cannot be read. */
    struct store_snapshot *(*images)(void *arg, bool fresh);
    /* Whether this client may write; NULL: each may. Otherwise the reply is made. */
    bool (*may_write)(void *arg, const struct server_request *request, struct server_reply *reply);
    /* Called after each change of what is served, in any thread; or NULL. */
    void (*changed)(void *arg);
    void *arg;
    const struct notice *notice; /* faults that clients cannot be told of; called in any thread */
    int lock; /* dist_lock() of a server that goes on until this one is ready; owned; or -1 */
};

struct distribution;

/* The options are copied; `lock` is closed in any case. */
int dist_open(const struct dist_options *options, struct distribution **out, struct err *err);
/* What makes this process the one that writes, lent, for a process that takes over; or -1. Both may
 * serve meanwhile. */
int dist_lock(const struct distribution *distribution);
void dist_close(struct distribution *distribution); /* NULL is fine */
/* Handles a request whose path dist_path_is_one(). See server_options.handle. */
int dist_handle(struct distribution *distribution, const struct server_request *request,
                struct server_reply *reply, struct err *err);

#endif
