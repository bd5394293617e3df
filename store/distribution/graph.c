#include "store/distribution/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/manifest.h"

void graph_release(struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++)
        contents_release(&graph->nodes[i].contents);
    free(graph->nodes);
}

static int compare(const void *a, const void *b)
{
    const struct graph_node *one = a, *other = b;
    return strcmp(one->digest.text, other->digest.text);
}

struct graph_node *graph_find(const struct graph *graph, const struct digest_any *digest)
{
    struct graph_node key = {.digest = *digest};
    return graph->count ? bsearch(&key, graph->nodes, graph->count, sizeof(*graph->nodes), compare)
                        : NULL;
}

static int read_contents(const struct depot *depot, const struct digest_any *digest,
                         struct contents *out)
{
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    AUTO(buf_release) struct buf text = BUF_INIT(MANIFEST_MAX);
    int rc = depot_blob_open(depot, digest, &fd, &size, ERR_IGNORED);
    if (!rc)
        rc = file_read_fd(fd, digest->text, &text, ERR_IGNORED);
    return rc ? rc : contents_read(buf_text(&text), text.len, out, ERR_IGNORED);
}

struct reading {
    const struct depot *depot;
    struct graph *graph;
};

static int add_node(void *arg, const char *name)
{
    const struct reading *reading = arg;
    struct graph *graph = reading->graph;
    struct graph_node node = {.kept = false};
    if (!depot_entry_read(name, &node.digest))
        return 0;
    if (read_contents(reading->depot, &node.digest, &node.contents) != 0)
        graph->whole = false;
    graph->nodes = mem_grow(graph->nodes, graph->count, sizeof(*graph->nodes));
    graph->nodes[graph->count++] = node;
    return 0;
}

int graph_read(const struct depot *depot, const char *repository, struct graph *out,
               struct err *err)
{
    struct reading reading = {depot, out};
    *out = (struct graph){.whole = true};
    int rc = depot_link_each(depot, repository, DEPOT_MANIFESTS, add_node, &reading, err);
    if (out->count)
        qsort(out->nodes, out->count, sizeof(*out->nodes), compare);
    return rc;
}

/* Keeps the manifests that the node leads to, or that lead to the node as their subject. Returns
 * whether one is new. */
static bool spread_from(struct graph *graph, struct graph_node *node)
{
    const struct contents *contents = &node->contents;
    bool news = false;
    if (!node->kept) {
        const struct graph_node *subject =
            contents->subject.text[0] ? graph_find(graph, &contents->subject) : NULL;
        node->kept = news = subject && subject->kept;
    }
    for (size_t i = 0; node->kept && i < contents->count; i++) {
        struct graph_node *child =
            contents->parts[i].manifest ? graph_find(graph, &contents->parts[i].digest) : NULL;
        if (child && !child->kept)
            child->kept = news = true;
    }
    return news;
}

void graph_spread(struct graph *graph)
{
    bool news = true;
    while (news) {
        news = false;
        for (size_t i = 0; i < graph->count; i++)
            news = spread_from(graph, &graph->nodes[i]) || news;
    }
}

bool graph_names(const struct graph *graph, const struct digest_any *blob)
{
    for (size_t i = 0; i < graph->count; i++) {
        const struct contents *contents = &graph->nodes[i].contents;
        for (size_t k = 0; graph->nodes[i].kept && k < contents->count; k++)
            if (!contents->parts[k].manifest && digest_any_equal(&contents->parts[k].digest, blob))
                return true;
    }
    return false;
}
