/*
 * Images that go into the store while others are still on their way. A thread puts all images that
 * wait at a moment into the store in one change, so that the disk and the network work at the same
 * time.
 */
#ifndef WASME_STORE_TRANSIT_KEEP_QUEUE_H
#define WASME_STORE_TRANSIT_KEEP_QUEUE_H

#include "store/transit/keep.h"

struct keep_queue;

/* `expected` is the number of images that may come: for one image there is no thread. The store is
 * lent. `notice` is told of the images in the thread of the caller; how the store tells of a wait
 * for its lock (store_set_wait()) must suit a thread. */
struct keep_queue *keep_queue_new(struct store *store, size_t expected,
                                  const struct notice *notice);
/* Adds the image, which goes into the store soon, under item->ref. The item stays as it is until
 * keep_queue_end(), but for `rc` and `err`, which tell at once when the image cannot be kept. */
void keep_queue_add(struct keep_queue *queue, struct fetched *item);
/* Waits until all images are in the store; each item whose image is not has the reason. Frees the
 * queue; NULL is fine. */
void keep_queue_end(struct keep_queue *queue);

#endif
