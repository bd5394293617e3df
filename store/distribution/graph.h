/* Which manifest of a repository leads to which, and to which blobs. */
#ifndef WASME_STORE_DISTRIBUTION_GRAPH_H
#define WASME_STORE_DISTRIBUTION_GRAPH_H

#include "base/texts.h"
#include "store/distribution/contents.h"
#include "store/distribution/depot.h"

struct graph_node {
    struct digest_any digest;
    struct contents contents; /* without the text */
    bool kept;
};

struct graph {
    struct graph_node *nodes; /* sorted by digest */
    size_t count;
    bool whole; /* each manifest could be read */
};

/* Reads the manifests of the repository. */
int graph_read(const struct depot *depot, const char *repository, struct graph *out,
               struct err *err);
void graph_release(struct graph *graph); /* usable with AUTO() */
/* The manifest of that digest; NULL: the repository has none. */
struct graph_node *graph_find(const struct graph *graph, const struct digest_any *digest);
/* Keeps what the manifests that are kept lead to, and what refers to them. */
void graph_spread(struct graph *graph);
/* The digests of the blobs that the manifests which are kept name; sorted, each once. */
void graph_blobs(const struct graph *graph, struct texts *out);

#endif
