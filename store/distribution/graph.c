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
    if (!rc)
        rc = contents_read(buf_text(&text), text.len, out, ERR_IGNORED);
    /* The texts of all manifests together would be much. */
    json_doc_free_at(&out->doc);
    out->doc = NULL;
    out->media_type = out->artifact_type = NULL;
    return rc;
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

/* Manifests that are kept, and whose neighbours are not yet. */
struct spreading {
    struct graph *graph;
    struct graph_node **with_subject; /* sorted by the digest of the subject */
    size_t subject_count;
    struct graph_node **waiting;
    size_t waiting_count;
};

static const char *subject_of(const struct graph_node *node)
{
    return node->contents.subject.text;
}

static int by_subject(const void *a, const void *b)
{
    const struct graph_node *const *one = a, *const *other = b;
    return strcmp(subject_of(*one), subject_of(*other));
}

static void keep(struct spreading *spreading, struct graph_node *node)
{
    if (!node || node->kept)
        return;
    node->kept = true;
    spreading->waiting[spreading->waiting_count++] = node;
}

/* The first place in `with_subject` whose subject is not before the digest. */
static size_t first_with(const struct spreading *spreading, const char *digest)
{
    size_t low = 0, high = spreading->subject_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(subject_of(spreading->with_subject[middle]), digest) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Keeps the manifests that the node leads to, and those that have the node as their subject. */
static void spread_from(struct spreading *spreading, const struct graph_node *node)
{
    const struct contents *contents = &node->contents;
    const char *digest = node->digest.text;
    for (size_t i = 0; i < contents->count; i++)
        if (contents->parts[i].manifest)
            keep(spreading, graph_find(spreading->graph, &contents->parts[i].digest));
    for (size_t i = first_with(spreading, digest); i < spreading->subject_count; i++) {
        if (strcmp(subject_of(spreading->with_subject[i]), digest) != 0)
            break;
        keep(spreading, spreading->with_subject[i]);
    }
}

void graph_spread(struct graph *graph)
{
    AUTO_FREE struct graph_node **with_subject = mem_zero(graph->count + 1, sizeof(*with_subject));
    AUTO_FREE struct graph_node **waiting = mem_zero(graph->count + 1, sizeof(*waiting));
    struct spreading spreading = {graph, with_subject, 0, waiting, 0};
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];
        if (subject_of(node)[0])
            with_subject[spreading.subject_count++] = node;
        if (node->kept)
            waiting[spreading.waiting_count++] = node;
    }
    qsort(with_subject, spreading.subject_count, sizeof(struct graph_node *), by_subject);
    while (spreading.waiting_count)
        spread_from(&spreading, waiting[--spreading.waiting_count]);
}

void graph_blobs(const struct graph *graph, struct texts *out)
{
    for (size_t i = 0; i < graph->count; i++) {
        const struct contents *contents = &graph->nodes[i].contents;
        for (size_t k = 0; graph->nodes[i].kept && k < contents->count; k++)
            if (!contents->parts[k].manifest)
                texts_add(out, mem_dup(contents->parts[k].digest.text));
    }
    texts_sort_once(out);
}
