#include "registry/published.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "image/manifest.h"
#include "registry/discovery.h"
#include "registry/harbor.h"

#define ANNOTATION_CREATED "org.opencontainers.image.created"

struct walk {
    struct registry *registry;
    struct host *host;
    const char *repository; /* the one that it is at */
    int (*visit)(void *arg, const struct registry_image *image, struct err *err);
    void *arg;
    size_t images;
    size_t manifests; /* asked for so far */
    int failures;     /* in a row */
    int broken;       /* what `visit` returned, when that ended it */
};

static const struct notice *notice_of(const struct walk *walk)
{
    return walk->registry->transport.options->notice;
}

static int show(struct walk *walk, const struct registry_image *image, struct err *err)
{
    if (++walk->images > PUBLISHED_MAX)
        walk->broken =
            err_set(err, ERR_FAILED, "more than %d images: name a part of them", PUBLISHED_MAX);
    else
        walk->broken = walk->visit(walk->arg, image, err);
    return walk->broken;
}

/* Is the list over with this failure? Otherwise it is told, and forgiven. What is not there or
 * closed to us says nothing of the next one. */
static int forgive(struct walk *walk, int rc, const struct err *problem, struct err *err)
{
    if (rc != ERR_NOT_FOUND && rc != ERR_DENIED)
        walk->failures = rc ? walk->failures + 1 : 0;
    if (!rc)
        return 0;
    if (rc == ERR_INTERRUPTED || walk->broken || walk->failures >= PUBLISHED_FAILURES_MAX)
        return err_set(err, rc, "%s", err_text(problem));
    notice_say(notice_of(walk), NOTICE_WARNING, "%s/%s: %s", walk->host->name, walk->repository,
               err_text(problem));
    return 0;
}

/* Harbor. */

static int show_artifact(void *arg, const struct harbor_artifact *artifact, struct err *err)
{
    struct walk *walk = arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < artifact->tags.count; i++) {
        struct registry_image image = {
            .repository = walk->repository,
            .tag = artifact->tags.items[i],
            .manifest = artifact->digest,
            .size = artifact->size,
            .updated = artifact->pushed,
        };
        rc = show(walk, &image, err);
    }
    return rc;
}

/* Others. */

static void read_created(const struct registry_manifest *raw, struct registry_image *image)
{
    AUTO(json_doc_free_at) struct json_t *doc = NULL;
    if (json_doc_parse(raw->data, raw->len, &doc, NULL) != 0)
        return;
    const char *created = json_member_text(json_member(doc, "annotations"), ANNOTATION_CREATED);
    if (!created || !clock_parse(created, &image->updated))
        image->updated = 0;
}

/* What is no image of a filter is shown by its name alone. */
static void read_manifest(const struct registry_manifest *raw, struct registry_image *image)
{
    AUTO(manifest_release) struct manifest manifest = {0};
    image->manifest = raw->digest;
    if (manifest_parse(raw->data, raw->len, &manifest, NULL) != 0)
        return;
    read_created(raw, image);
    const struct descriptor *wasm = manifest_wasm_layer(&manifest);
    if (!wasm)
        return;
    image->wasm = wasm->digest;
    image->size = wasm->size;
}

static int fetch_manifest(struct walk *walk, const char *tag, struct registry_image *image,
                          struct err *err)
{
    AUTO(registry_manifest_release) struct registry_manifest raw = {0};
    AUTO(ref_release) struct ref ref = {0};
    ref.registry = mem_dup(walk->host->name);
    ref.repository = mem_dup(walk->repository);
    ref.tag = mem_dup(tag);
    int rc = registry_get_manifest(walk->registry, &ref, &raw, err);
    if (!rc)
        read_manifest(&raw, image);
    return rc;
}

static int show_tag(struct walk *walk, const char *tag, struct err *err)
{
    AUTO(err_release) struct err problem = ERR_INIT;
    struct registry_image image = {.repository = walk->repository, .tag = tag, .size = -1};
    if (walk->manifests++ == PUBLISHED_MANIFESTS_MAX)
        notice_say(notice_of(walk), NOTICE_WARNING,
                   "more than %d images: from here on without size and digest",
                   PUBLISHED_MANIFESTS_MAX);
    if (walk->manifests <= PUBLISHED_MANIFESTS_MAX) {
        int rc = fetch_manifest(walk, tag, &image, &problem);
        rc = forgive(walk, rc, &problem, err);
        if (rc)
            return walk->broken = rc;
    }
    return show(walk, &image, err);
}

static int show_tags(struct walk *walk, struct err *err)
{
    AUTO(registry_names_release) struct registry_names tags = {0};
    AUTO(ref_release) struct ref ref = {0};
    ref.registry = mem_dup(walk->host->name);
    ref.repository = mem_dup(walk->repository);
    int rc = registry_tags(walk->registry, &ref, &tags, err);
    if (rc == ERR_NOT_FOUND) { /* catalogs go on naming what has lost its last tag */
        err_release(err);
        return 0;
    }
    for (size_t i = 0; !rc && i < tags.count; i++)
        rc = show_tag(walk, tags.items[i], err);
    return rc;
}

static int show_repository(struct walk *walk, bool harbor, struct err *err)
{
    AUTO(err_release) struct err problem = ERR_INIT;
    int rc = harbor ? harbor_artifacts(walk->registry, walk->host, walk->repository, show_artifact,
                                       walk, &problem)
                    : show_tags(walk, &problem);
    return forgive(walk, rc, &problem, err);
}

int registry_published(struct registry *registry, const char *server, const char *term,
                       int (*visit)(void *arg, const struct registry_image *image, struct err *err),
                       void *arg, struct err *err)
{
    AUTO(registry_names_release) struct registry_names names = {0};
    struct walk walk = {.registry = registry, .visit = visit, .arg = arg};
    bool harbor = false;
    int rc = term ? registry_search(registry, server, term, &names, err)
                  : registry_catalog(registry, server, &names, err);
    walk.host = transport_host(&registry->transport, server);
    if (!rc)
        rc = harbor_is_there(registry, walk.host, &harbor, err);
    for (size_t i = 0; !rc && i < names.count; i++) {
        walk.repository = names.items[i];
        rc = show_repository(&walk, harbor, err);
    }
    return rc;
}
