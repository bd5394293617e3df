/* The served registry, shared by the files of this room. */
#ifndef WASME_STORE_DISTRIBUTION_STATE_H
#define WASME_STORE_DISTRIBUTION_STATE_H

#include "store/distribution/depot.h"
#include "store/distribution/distribution.h"
#include "store/distribution/path.h"
#include "store/distribution/reply.h"
#include "store/distribution/uploads.h"

struct distribution {
    struct dist_options options;
    struct depot *depot;
    struct compat *compat;
    struct upstream *upstream; /* NULL: none */
    struct uploads *uploads;   /* NULL: the registry can only be read */
};

/* A request that was read. */
struct dist_call {
    struct distribution *registry;
    const struct server_request *request;
    struct server_reply *reply;
    struct dist_path path;
};

#endif
