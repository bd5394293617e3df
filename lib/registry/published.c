#include "registry/published.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "image/annotation.h"
#include "image/manifest.h"
#include "registry/discovery.h"
#include "registry/harbor.h"
#include "registry/manifest_head.h"

enum {
    REPOSITORIES_AT_ONCE = 64, /* whose lists are fetched side by side */
    MANIFESTS_AT_ONCE = 256,   /* likewise; each may have up to MANIFEST_MAX bytes */
    PROJECT_AT_ONCE = 4,       /* repositories, from which on a list of the whole project is less */
};

struct published_walk {
    struct registry *registry;
    struct host *host;
    const struct registry_viewer *viewer;
    size_t images;
    size_t manifests; /* fetched so far */
    bool told;        /* the user was told that no more manifests are fetched */
    int failures;     /* in a row */
    int broken;       /* the error of `visit` that has ended the list */
};

static const struct notice *notice_of(const struct published_walk *walk)
{
    return walk->registry->transport.options->notice;
}

static int show(struct published_walk *walk, const struct registry_image *image, struct err *err)
{
    if (++walk->images > PUBLISHED_MAX)
        walk->broken =
            err_set(err, ERR_FAILED, "more than %d images: name a part of them", PUBLISHED_MAX);
    else
        walk->broken = walk->viewer->visit(walk->viewer->arg, image, err);
    return walk->broken;
}

static size_t some_of(size_t count, size_t most)
{
    return count < most ? count : most;
}

/* Returns an error when the list ends with this failure; otherwise warns the user, and returns 0. A
 * repository that is missing or closed to this account does not count as a failure. */
static int forgive(struct published_walk *walk, const char *repository, int rc, struct err *problem,
                   struct err *err)
{
    if (rc != ERR_NOT_FOUND && rc != ERR_DENIED)
        walk->failures = rc ? walk->failures + 1 : 0;
    if (!rc)
        return 0;
    if (rc == ERR_INTERRUPTED || walk->broken || walk->failures >= PUBLISHED_FAILURES_MAX)
        return err_move(err, problem);
    notice_say(notice_of(walk), NOTICE_WARNING, "%s/%s: %s", walk->host->name, repository,
               err_text(problem));
    return 0;
}

/* --- Harbor --- */

static int show_artifact(void *arg, const char *repository, const struct harbor_artifact *artifact,
                         struct err *err)
{
    struct published_walk *walk = arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < artifact->tags.count; i++) {
        struct registry_image image = {
            .repository = repository,
            .tag = artifact->tags.items[i],
            .manifest = artifact->digest,
            .size = artifact->size,
            .updated = artifact->pushed,
        };
        rc = show(walk, &image, err);
    }
    return rc;
}

static int show_heads(struct published_walk *walk, const struct repository *repo,
                      const struct registry_names *tags, struct err *err)
{
    AUTO_FREE struct manifest_head *heads = mem_zero(tags->count, sizeof(*heads));
    for (size_t i = 0; i < tags->count; i++)
        heads[i].key = tags->items[i];
    int rc = manifest_heads(repo, heads, tags->count, err);
    for (size_t i = 0; i < tags->count; i++) {
        struct registry_image image = {
            .repository = repo->path,
            .tag = heads[i].key,
            .manifest = heads[i].digest,
            .size = -1,
        };
        if (!rc)
            rc = show(walk, &image, err);
        err_release(&heads[i].err);
    }
    return rc;
}

/* A robot that may pull may lack the right to list artifacts. The robot can still list the tags,
 * and learn their digests by HEAD. `closed` is the error of the list of artifacts. */
static int show_pullable(struct published_walk *walk, const char *name, struct err *closed,
                         struct err *err)
{
    AUTO(registry_names_release) struct registry_names tags = {0};
    AUTO(repository_release) struct repository repo = {0};
    struct ref ref = {.registry = walk->host->name, .repository = (char *)name};
    if (registry_tags(walk->registry, &ref, &tags, ERR_IGNORED) != 0)
        return forgive(walk, name, ERR_DENIED, closed, err);
    repository_init(&repo, walk->registry, &ref, "pull");
    return show_heads(walk, &repo, &tags, err);
}

static int show_some(struct published_walk *walk, char *const *names, size_t count, struct err *err)
{
    AUTO_FREE struct harbor_artifacts *lists = mem_zero(count, sizeof(*lists));
    for (size_t i = 0; i < count; i++)
        lists[i] = (struct harbor_artifacts){names[i], .visit = show_artifact, .arg = walk};
    int rc = harbor_artifacts(walk->registry, walk->host, lists, count, err);
    for (size_t i = 0; i < count; i++) {
        if (!rc)
            rc = lists[i].rc == ERR_DENIED
                     ? show_pullable(walk, names[i], &lists[i].err, err)
                     : forgive(walk, names[i], lists[i].rc, &lists[i].err, err);
        err_release(&lists[i].err);
    }
    return rc;
}

static int show_each(struct published_walk *walk, char *const *names, size_t count, struct err *err)
{
    int rc = 0;
    for (size_t at = 0; !rc && at < count; at += REPOSITORIES_AT_ONCE)
        rc = show_some(walk, names + at, some_of(count - at, REPOSITORIES_AT_ONCE), err);
    return rc;
}

/* The repositories of a project that are to be shown. */
struct wanted {
    struct published_walk *walk;
    char *const *names; /* sorted */
    size_t count;
    size_t seen; /* artifacts in them so far */
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int show_wanted(void *arg, const char *repository, const struct harbor_artifact *artifact,
                       struct err *err)
{
    struct wanted *wanted = arg;
    if (!bsearch(&repository, wanted->names, wanted->count, sizeof(*wanted->names), compare))
        return 0;
    wanted->seen++;
    return show_artifact(wanted->walk, repository, artifact, err);
}

/* Lists a whole project at once, which spares Harbor a check of the password for each repository.
 * `*done` is false when this Harbor cannot do that, or when the account may not. */
static int show_project(struct published_walk *walk, char *const *names, size_t count, bool *done,
                        struct err *err)
{
    struct wanted wanted = {walk, names, count, 0};
    AUTO_FREE char *project = mem_dup_n(names[0], strcspn(names[0], "/"));
    struct harbor_artifacts list = {.project = project, .visit = show_wanted, .arg = &wanted};
    int rc = harbor_artifacts(walk->registry, walk->host, &list, 1, err);
    *done = rc || wanted.seen || (list.rc != ERR_NOT_FOUND && list.rc != ERR_DENIED);
    if (!rc && *done)
        rc = forgive(walk, project, list.rc, &list.err, err);
    err_release(&list.err);
    return rc;
}

/* The number of names, from the first one on, that are of one project; the names are sorted. */
static size_t project_len(char *const *names, size_t count)
{
    size_t len = 1;
    size_t prefix = strcspn(names[0], "/") + 1;
    while (len < count && strncmp(names[len], names[0], prefix) == 0)
        len++;
    return len;
}

static int show_of_harbor(struct published_walk *walk, char *const *names, size_t count,
                          struct err *err)
{
    size_t left = 0; /* names before it are shown */
    int rc = 0;
    for (size_t at = 0, len; !rc && at < count; at += len) {
        bool done = false;
        len = project_len(names + at, count - at);
        if (len >= PROJECT_AT_ONCE)
            rc = show_project(walk, names + at, len, &done, err);
        if (rc || !done)
            continue;
        rc = show_each(walk, names + left, at - left, err);
        left = at + len;
    }
    return rc ? rc : show_each(walk, names + left, count - left, err);
}

/* --- Other registries --- */

static void read_created(const struct registry_manifest *raw, struct registry_image *image)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (json_doc_parse(raw->data, raw->len, &doc, ERR_IGNORED) != 0)
        return;
    const char *created = json_member_text(json_member(doc, "annotations"), ANNOTATION_CREATED);
    if (!created || !clock_parse(created, &image->updated))
        image->updated = 0;
}

/* Reads the facts about an image; an image that is not a filter's is shown by its name alone. */
static void read_manifest(const struct registry_manifest *raw, struct registry_image *image)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    image->manifest = raw->digest;
    if (manifest_parse(raw->data, raw->len, &manifest, ERR_IGNORED) != 0)
        return;
    read_created(raw, image);
    const struct descriptor *wasm = manifest_wasm_layer(&manifest);
    if (!wasm)
        return;
    image->wasm = wasm->digest;
    image->size = wasm->size;
}

/* Tags whose manifests are fetched side by side. */
struct batch {
    struct ref *refs; /* each owned */
    size_t count;
    size_t room;
};

static void batch_release(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        ref_release(&batch->refs[i]);
    free(batch->refs);
}

static void batch_add(struct batch *batch, const struct published_walk *walk,
                      const char *repository, const char *tag)
{
    if (batch->count == batch->room) {
        batch->room = batch->room ? 2 * batch->room : 64;
        batch->refs = mem_resize(batch->refs, batch->room, sizeof(*batch->refs));
    }
    batch->refs[batch->count++] = (struct ref){
        .registry = mem_dup(walk->host->name),
        .repository = mem_dup(repository),
        .tag = tag ? mem_dup(tag) : NULL,
    };
}

/* Shows a tag, by its name alone when its manifest was not fetched. */
static int show_tag(struct published_walk *walk, const struct ref *ref, struct registry_want *got,
                    struct err *err)
{
    struct registry_image image = {.repository = ref->repository, .tag = ref->tag, .size = -1};
    if (got) {
        int rc = forgive(walk, ref->repository, got->rc, &got->err, err);
        if (rc)
            return walk->broken = rc;
        if (!got->rc)
            read_manifest(&got->manifest, &image);
    }
    return show(walk, &image, err);
}

/* Shows `count` tags of the batch, from number `from` on. */
static int show_manifests(struct published_walk *walk, const struct batch *batch, size_t from,
                          size_t count, struct err *err)
{
    AUTO_FREE struct registry_want *wants = mem_zero(count, sizeof(*wants));
    for (size_t i = 0; i < count; i++)
        wants[i].ref = &batch->refs[from + i];
    int rc = registry_fetch_all(walk->registry, wants, count, err);
    for (size_t i = 0; i < count; i++) {
        if (!rc)
            rc = show_tag(walk, wants[i].ref, &wants[i], err);
        registry_manifest_release(&wants[i].manifest);
        err_release(&wants[i].err);
    }
    return rc;
}

static int show_tags(struct published_walk *walk, const struct batch *batch, struct err *err)
{
    int rc = 0;
    for (size_t at = 0; !rc && at < batch->count;) {
        size_t some = some_of(batch->count - at, MANIFESTS_AT_ONCE);
        size_t left = PUBLISHED_MANIFESTS_MAX - walk->manifests;
        if (left) {
            some = some_of(some, left);
            rc = show_manifests(walk, batch, at, some, err);
            walk->manifests += some;
            at += some;
            continue;
        }
        if (!walk->told)
            notice_say(notice_of(walk), NOTICE_WARNING,
                       "more than %d images: from here on without size and digest",
                       PUBLISHED_MANIFESTS_MAX);
        walk->told = true;
        rc = show_tag(walk, &batch->refs[at++], NULL, err);
    }
    return rc;
}

static int add_tags(struct published_walk *walk, struct registry_tags_request *got,
                    struct batch *tags, struct err *err)
{
    /* A catalog still names a repository that has lost its last tag. */
    int rc =
        got->rc == ERR_NOT_FOUND ? 0 : forgive(walk, got->ref->repository, got->rc, &got->err, err);
    for (size_t i = 0; !rc && i < got->tags.count; i++)
        batch_add(tags, walk, got->ref->repository, got->tags.items[i]);
    return rc;
}

static int show_some_others(struct published_walk *walk, char *const *names, size_t count,
                            struct err *err)
{
    AUTO_FREE struct registry_tags_request *requests = mem_zero(count, sizeof(*requests));
    AUTO(batch_release) struct batch repositories = {0};
    AUTO(batch_release) struct batch tags = {0};
    for (size_t i = 0; i < count; i++)
        batch_add(&repositories, walk, names[i], NULL);
    for (size_t i = 0; i < count; i++)
        requests[i].ref = &repositories.refs[i];
    int rc = registry_tags_all(walk->registry, requests, count, err);
    for (size_t i = 0; i < count; i++) {
        if (!rc)
            rc = add_tags(walk, &requests[i], &tags, err);
        registry_names_release(&requests[i].tags);
        err_release(&requests[i].err);
    }
    return rc ? rc : show_tags(walk, &tags, err);
}

static int show_of_others(struct published_walk *walk, char *const *names, size_t count,
                          struct err *err)
{
    int rc = 0;
    for (size_t at = 0; !rc && at < count; at += REPOSITORIES_AT_ONCE)
        rc = show_some_others(walk, names + at, some_of(count - at, REPOSITORIES_AT_ONCE), err);
    return rc;
}

int registry_published(struct registry *registry, const char *server,
                       const struct registry_viewer *viewer, struct err *err)
{
    AUTO(registry_names_release) struct registry_names names = {0};
    struct published_walk walk = {.registry = registry, .viewer = viewer};
    bool harbor = false;
    int rc = viewer->term ? registry_search(registry, server, viewer->term, &names, err)
                          : registry_catalog(registry, server, &names, err);
    walk.host = transport_host(&registry->transport, server);
    if (!rc)
        rc = harbor_detect(registry, walk.host, &harbor, err);
    if (!rc)
        rc = harbor ? show_of_harbor(&walk, names.items, names.count, err)
                    : show_of_others(&walk, names.items, names.count, err);
    return rc;
}
