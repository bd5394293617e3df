/* The blobs that fetch.c asks for at a time, for several images. */
#ifndef WASME_STORE_TRANSIT_ROUND_H
#define WASME_STORE_TRANSIT_ROUND_H

#include "store/transit/fetched.h"
#include "store/transit/source.h"

/* The wish of an item for one blob; a blob that several items want is fetched once. */
struct want {
    struct fetched *item;
    struct store_file *file; /* takes the blob; NULL: the item's config_blob does */
    size_t sink;             /* number of the sink that fetches the blob */
    bool first;              /* the sink writes to this file; the other wants copy from it */
    bool settled;            /* the blob is there, or has failed */
};

struct round {
    struct registry_sink *sinks;
    size_t sink_count;
    struct want *wants;
    size_t want_count;
    /* Called for an item once all that it wants of the round is settled. */
    void (*done)(void *arg, struct fetched *item);
    void *arg;
};

/* Asks for a blob of the item, to be written to the file, or to its config_blob (NULL). */
void round_add(struct round *round, struct fetched *item, const struct descriptor *descriptor,
               struct store_file *file);
/* Fetches the blobs, and calls `done` for each item that has asked for something; a blob that fails
 * is the failure of the items that want it. An error means that all was given up. */
int round_run(struct round *round, const struct image_source *source, struct err *err);
void round_release(struct round *round); /* usable with AUTO() */

#endif
