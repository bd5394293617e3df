/*
 * Blobs by their digests, in any image of a store: filter.wasm and the layers that were kept. The
 * store has no list of them. The folders of the images are read once, when a blob is first looked
 * for, and only as long as a fast network would take to bring that blob.
 */
#ifndef WASME_STORE_BLOBS_H
#define WASME_STORE_BLOBS_H

#include "store/store.h"

/* A look for a blob reads so many folders, and then more for as long as a network with this rate
 * takes to bring the blob; the next look reads on. */
#define STORE_BLOBS_FOLDERS 100                /* about a millisecond */
#define STORE_BLOBS_RATE (128LL * 1024 * 1024) /* bytes per second */
/* Images that are tried for one blob. */
#define STORE_BLOBS_TRIES 8

struct store_blobs;

/* The store is lent. */
void store_blobs_open(struct store *store, struct store_blobs **out);
void store_blobs_close(struct store_blobs *blobs);
void store_blobs_close_at(struct store_blobs **blobs); /* for AUTO() */

/*
 * Opens the next file that should have the blob; returns its descriptor, or -1 when there is none.
 * `*at` is 0 at first. The file has the right size, and the caller verifies its bytes: the original
 * wasme writes to files of the store.
 */
int store_blobs_next(struct store_blobs *blobs, const struct descriptor *blob, size_t *at);
/* Adds the config blob to `out`, if an image has it that also has the layer. The bytes are verified. */
bool store_blobs_config(struct store_blobs *blobs, const struct descriptor *layer,
                        const struct descriptor *config, struct buf *out);

#endif
