/* The first step of a fetch: the manifest of an image, also where indexes lead to it. */
#ifndef WASME_STORE_TRANSIT_RESOLVE_H
#define WASME_STORE_TRANSIT_RESOLVE_H

#include "store/transit/fetched.h"
#include "store/transit/source.h"

/* The caller fills the upper part. */
struct resolving {
    const struct fetch_wish *wish;
    struct registry_wants *wants; /* lent: the manifests are asked for in this list */
    struct fetched *item;
    /* Called once: the item has `raw`, `manifest` and `form`, or has failed, or is present. */
    void (*done)(void *arg, struct fetched *item);
    void *arg;

    /* Indexes may lead to the manifest, and one question may have to be repeated. */
    struct registry_want asked[INDEX_DEPTH_MAX + 2];
    size_t count;
    int above;           /* indexes that led to the last one asked for */
    struct digest known; /* of the image's manifest, as the store has the image; else "" */
};

/* Asks for the manifest of the item, and, when that comes, for the one that it leads to. `resolving`
 * stays where it is until the fetch has ended. */
void resolve_begin(struct resolving *resolving);

#endif
