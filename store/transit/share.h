/* The blobs that fetch.c asks for, for several images: a blob that several of them want is fetched
 * once. */
#ifndef WASME_STORE_TRANSIT_SHARE_H
#define WASME_STORE_TRANSIT_SHARE_H

#include "store/blobs.h"
#include "store/transit/fetched.h"
#include "store/transit/source.h"

struct share; /* a blob that is under way, or has ended */

struct shares {
    struct registry_wants *wants; /* lent: the blobs are asked for in this list */
    struct share **items;
    size_t count;
    /* Called for an item when the last blob that it waits for has come, or has failed. */
    void (*done)(void *arg, struct fetched *item);
    void *arg;
};

/* Takes a blob that the store has, when its bytes are right. */
bool share_stored(struct store_blobs *stored, const struct descriptor *blob,
                  struct store_file *file);
/*
 * Asks for a blob of the item, to be written to the file, or to its config_blob (NULL). The item
 * waits for it (item->pending), unless another item has the blob already. A blob that fails is the
 * failure of all items that wait for it.
 */
void shares_ask(struct shares *shares, struct fetched *item, const struct descriptor *blob,
                struct store_file *file);
void shares_release(struct shares *shares); /* usable with AUTO() */

#endif
