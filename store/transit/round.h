/* The blobs that fetch.c asks for at a time, for several images. */
#ifndef WASME_STORE_TRANSIT_ROUND_H
#define WASME_STORE_TRANSIT_ROUND_H

#include "store/transit/fetched.h"
#include "store/transit/source.h"

/* Where a blob of one round goes; blobs that several images share are fetched once. */
struct want {
    struct fetched *item;
    struct store_file *file; /* NULL: the item's config_blob */
    size_t sink;
    bool first; /* the sink is its own */
    bool settled;
};

struct round {
    struct registry_sink *sinks;
    size_t sink_count;
    struct want *wants;
    size_t want_count;
    /* Called when all that an item wants of the round is there, or has failed. */
    void (*done)(void *arg, struct fetched *item);
    void *arg;
};

/* Asks for a blob of the item, to be written to the file, or to its config_blob (NULL). */
void round_add(struct round *round, struct fetched *item, const struct descriptor *descriptor,
               struct store_file *file);
/* Fetches, and calls `done` for each item that has asked for something; a blob that fails is
 * its item's failure. An error means that all was given up. */
int round_run(struct round *round, const struct image_source *source, struct err *err);
void round_release(struct round *round); /* usable with AUTO() */

#endif
