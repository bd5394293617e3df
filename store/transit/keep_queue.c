#include "store/transit/keep_queue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

struct entry {
    struct fetched *item;
    struct keeping keeping;
    int rc; /* of the change; the item's own is the caller's until the end */
    struct err err;
};

struct keep_queue {
    struct store *store;
    const struct notice *notice;
    bool threaded;
    pthread_t thread;

    pthread_mutex_t lock; /* for all that follows */
    pthread_cond_t news;
    struct entry **entries; /* owned; an entry that is taken belongs to the thread */
    size_t count;
    size_t taken;
    bool closed; /* no further image comes */
};

/* Puts the entries into the store. */
static void commit(struct store *store, struct entry **entries, size_t count)
{
    AUTO_FREE struct store_change *changes = mem_zero(count, sizeof(*changes));
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct store_change){.ref = entries[i]->item->ref,
                                           .parts = &entries[i]->keeping.parts};
    store_commit_all(store, changes, count);
    for (size_t i = 0; i < count; i++) {
        entries[i]->rc = changes[i].rc;
        entries[i]->err = changes[i].err;
    }
}

/* Takes all entries that wait; the caller frees `out`. Without any, the call waits for one, and
 * returns 0 when none will come. */
static size_t take(struct keep_queue *queue, struct entry ***out)
{
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->taken == queue->count && !queue->closed)
        (void)pthread_cond_wait(&queue->news, &queue->lock);
    size_t count = queue->count - queue->taken;
    *out = mem_zero(count + 1, sizeof(**out));
    for (size_t i = 0; i < count; i++)
        (*out)[i] = queue->entries[queue->taken++];
    (void)pthread_mutex_unlock(&queue->lock);
    return count;
}

static void *work(void *arg)
{
    struct keep_queue *queue = arg;
    for (size_t count = 1; count;) {
        AUTO_FREE struct entry **entries = NULL;
        count = take(queue, &entries);
        if (count)
            commit(queue->store, entries, count);
    }
    return NULL;
}

struct keep_queue *keep_queue_new(struct store *store, size_t expected, const struct notice *notice)
{
    struct keep_queue *queue = mem_zero(1, sizeof(*queue));
    queue->store = store;
    queue->notice = notice;
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_cond_init(&queue->news, NULL);
    queue->threaded = expected > 1 && thread_begin(&queue->thread, work, queue);
    return queue;
}

void keep_queue_add(struct keep_queue *queue, struct fetched *item)
{
    struct entry *entry = mem_zero(1, sizeof(*entry));
    entry->item = item;
    item->rc = keep_prepare(item, item->ref->full, queue->notice, &entry->keeping, &item->err);
    if (item->rc) {
        keeping_release(&entry->keeping);
        free(entry);
        return;
    }
    (void)pthread_mutex_lock(&queue->lock);
    queue->entries = mem_resize(queue->entries, queue->count + 1, sizeof(struct entry *));
    queue->entries[queue->count++] = entry;
    (void)pthread_cond_signal(&queue->news);
    (void)pthread_mutex_unlock(&queue->lock);
}

static void free_entry(struct entry *entry)
{
    if (entry->rc)
        entry->item->rc = err_move(&entry->item->err, &entry->err);
    err_release(&entry->err);
    keeping_release(&entry->keeping);
    free(entry);
}

void keep_queue_end(struct keep_queue *queue)
{
    if (!queue)
        return;
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_signal(&queue->news);
    (void)pthread_mutex_unlock(&queue->lock);
    if (queue->threaded)
        pthread_join(queue->thread, NULL);
    else
        (void)work(queue);
    for (size_t i = 0; i < queue->count; i++)
        free_entry(queue->entries[i]);
    free(queue->entries);
    (void)pthread_cond_destroy(&queue->news);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue);
}
