/* Removing from a registry's folder what nothing refers to. */
#ifndef WASME_STORE_DISTRIBUTION_PRUNE_H
#define WASME_STORE_DISTRIBUTION_PRUNE_H

#include "store/distribution/depot.h"
#include "store/snapshot.h"

/* Seconds: what is younger may belong to a push that is under way. */
#define PRUNE_AGE 86400

struct prune_wish {
    bool untagged; /* also manifests that no tag leads to */
    bool dry;      /* counts, and removes nothing */
    /* The images of the store, whose manifests count as tagged; or NULL. */
    const struct store_snapshot *images;
};

struct prune_result {
    size_t blobs;     /* with the bytes of manifests among them */
    size_t manifests; /* that no tag led to */
    size_t uploads;
    long long bytes; /* that are free now; not those that the store shares */
};

/*
 * Removes blobs that no repository has, links to blobs that no manifest of the repository names,
 * and uploads that nobody goes on with. A manifest is kept when a tag leads to it, through indexes
 * too, or to its subject. A repository with a manifest that cannot be read keeps everything. A
 * server may be writing meanwhile; its pushes wait.
 */
int prune_run(struct depot *depot, const struct prune_wish *wish, struct prune_result *out,
              struct err *err);

#endif
