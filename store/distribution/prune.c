#include "store/distribution/prune.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"
#include "base/texts.h"
#include "store/distribution/graph.h"

static int add_name(void *arg, const char *name)
{
    texts_add(arg, mem_dup(name));
    return 0;
}

/* A run of prune. */
struct pruning {
    struct depot *depot;
    const struct prune_wish *wish;
    struct prune_result *result;
    struct texts live; /* the names of links to blobs and manifests that stay */
};

/* Whether the link is too young to go. */
static bool is_young(const struct pruning *pruning, const char *repository, const char *folder,
                     const char *name)
{
    struct stat info;
    AUTO_FREE char *path =
        mem_printf("%s/repositories/%s/%s/%s", pruning->depot->dir, repository, folder, name);
    return stat(path, &info) != 0 || time(NULL) - info.st_mtime < PRUNE_AGE;
}

/* Keeps manifests that no tag leads to, unless they are to go. */
static void keep_untagged(const struct pruning *pruning, const char *repository,
                          struct graph *graph)
{
    bool all = !pruning->wish->untagged || !graph->whole;
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];
        char entry[DEPOT_ENTRY_MAX + 1];
        depot_entry(&node->digest, entry);
        if (all || is_young(pruning, repository, DEPOT_MANIFESTS, entry))
            node->kept = true;
    }
}

/* Keeps the manifests that tags or images of the store have. */
static int keep_tagged(struct pruning *pruning, const char *repository, struct graph *graph,
                       struct err *err)
{
    AUTO(texts_release) struct texts tags = {0};
    const struct store_snapshot *images = pruning->wish->images;
    int rc = depot_link_each(pruning->depot, repository, DEPOT_TAGS, add_name, &tags, err);
    for (size_t i = 0; !rc && i < tags.count; i++) {
        struct digest_any digest;
        AUTO(buf_release) struct buf text = BUF_INIT(DEPOT_LINK_MAX);
        rc = depot_link_get(pruning->depot, repository, DEPOT_TAGS, tags.items[i], &text, err);
        if (rc || digest_any_parse(buf_text(&text), &digest, ERR_IGNORED) != 0)
            continue;
        struct graph_node *node = graph_find(graph, &digest);
        if (node)
            node->kept = true;
    }
    for (size_t i = 0; images && i < images->count; i++) {
        struct digest_any digest;
        digest_widen(&images->images[i]->manifest, &digest);
        struct graph_node *node = graph_find(graph, &digest);
        if (node)
            node->kept = true;
    }
    return rc;
}

/* Removes the manifests that are not kept. */
static int drop_manifests(struct pruning *pruning, const char *repository, struct graph *graph,
                          struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];
        char entry[DEPOT_ENTRY_MAX + 1];
        depot_entry(&node->digest, entry);
        if (node->kept) {
            texts_add(&pruning->live, mem_dup(entry));
            continue;
        }
        pruning->result->manifests++;
        if (pruning->wish->dry)
            continue;
        rc = depot_link_unlink(pruning->depot, repository, DEPOT_MANIFESTS, entry, err);
        if (!rc && node->contents.subject.text[0]) {
            AUTO_FREE char *folder = depot_referrers(&node->contents.subject);
            (void)depot_link_unlink(pruning->depot, repository, folder, entry, ERR_IGNORED);
        }
    }
    return rc;
}

/* Removes the links to blobs that no manifest names. */
static int drop_links(struct pruning *pruning, const char *repository, const struct graph *graph,
                      struct err *err)
{
    AUTO(texts_release) struct texts links = {0}, named = {0};
    graph_blobs(graph, &named);
    int rc = depot_link_each(pruning->depot, repository, DEPOT_BLOBS, add_name, &links, err);
    for (size_t i = 0; !rc && i < links.count; i++) {
        struct digest_any digest;
        if (!depot_entry_read(links.items[i], &digest))
            continue;
        if (!graph->whole || texts_have(&named, digest.text) ||
            is_young(pruning, repository, DEPOT_BLOBS, links.items[i]))
            texts_add(&pruning->live, mem_dup(links.items[i]));
        else if (!pruning->wish->dry)
            rc = depot_link_unlink(pruning->depot, repository, DEPOT_BLOBS, links.items[i], err);
    }
    return rc;
}

static int prune_repository(struct pruning *pruning, const char *repository, struct err *err)
{
    AUTO(graph_release) struct graph graph = {0};
    int rc = graph_read(pruning->depot, repository, &graph, err);
    if (!rc)
        rc = keep_tagged(pruning, repository, &graph, err);
    keep_untagged(pruning, repository, &graph);
    graph_spread(&graph);
    if (!rc)
        rc = drop_manifests(pruning, repository, &graph, err);
    if (!rc)
        rc = drop_links(pruning, repository, &graph, err);
    /* The blobs go after the links to them. */
    if (!rc && !pruning->wish->dry)
        rc = depot_link_sync(pruning->depot, repository, DEPOT_MANIFESTS, err);
    if (!rc && !pruning->wish->dry)
        rc = depot_link_sync(pruning->depot, repository, DEPOT_BLOBS, err);
    return rc;
}

/* Removes the file, and counts its bytes unless it has other names. */
static int drop_file(struct pruning *pruning, int dirfd, const char *name, size_t *count,
                     struct err *err)
{
    struct stat info;
    if (fstatat(dirfd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    if (!pruning->wish->dry && unlinkat(dirfd, name, 0) != 0)
        return err_errno(err, "remove %s", name);
    pruning->result->bytes += info.st_nlink == 1 ? (long long)info.st_size : 0;
    ++*count;
    return 0;
}

static int drop_blobs(struct pruning *pruning, enum digest_algorithm algorithm, struct err *err)
{
    const char *kind = digest_algorithm_name(algorithm);
    AUTO_FREE char *path = mem_printf("%s/blobs/%s", pruning->depot->dir, kind);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    const struct dirent *entry;
    int rc = 0;
    while (dir && !rc && (entry = readdir(dir))) {
        struct digest_any digest;
        AUTO_FREE char *link = mem_printf("%s-%s", kind, entry->d_name);
        if (depot_entry_read(link, &digest) && !texts_have(&pruning->live, link))
            rc = drop_file(pruning, dirfd(dir), entry->d_name, &pruning->result->blobs, err);
    }
    return rc;
}

/* Removes uploads, and what dead processes left, when no byte has come for long. */
static int drop_uploads(struct pruning *pruning, struct err *err)
{
    AUTO_FREE char *path = mem_printf("%s/uploads", pruning->depot->dir);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    const struct dirent *entry;
    struct stat info;
    int rc = 0;
    while (dir && !rc && (entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode) && time(NULL) - info.st_mtime >= PRUNE_AGE)
            rc = drop_file(pruning, dirfd(dir), entry->d_name, &pruning->result->uploads, err);
    return rc;
}

static int prune(struct pruning *pruning, struct err *err)
{
    AUTO(texts_release) struct texts repositories = {0};
    int rc = depot_each(pruning->depot, add_name, &repositories, err);
    for (size_t i = 0; !rc && i < repositories.count; i++)
        rc = prune_repository(pruning, repositories.items[i], err);
    if (rc)
        return rc;
    texts_sort(&pruning->live);
    for (int i = 0; !rc && i < DIGEST_ALGORITHMS; i++)
        rc = drop_blobs(pruning, (enum digest_algorithm)i, err);
    return rc ? rc : drop_uploads(pruning, err);
}

int prune_run(struct depot *depot, const struct prune_wish *wish, struct prune_result *out,
              struct err *err)
{
    struct pruning pruning = {depot, wish, out, {0}};
    *out = (struct prune_result){0};
    int rc = depot_begin(depot, err);
    if (rc)
        return rc;
    rc = prune(&pruning, err);
    depot_end(depot);
    texts_release(&pruning.live);
    return rc;
}
