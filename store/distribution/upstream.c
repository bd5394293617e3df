#include "store/distribution/upstream.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

enum {
    IDLE_MAX = 8,            /* clients that wait for the next request */
    CLIENT_LIFE_MS = 300000, /* a client is used for so long: it keeps logins and connections */
    FAILED_MS = 10000,       /* the upstream rests for so long after a failure */
    ASKED_MAX = 4096,        /* names about which the upstream was asked; others are asked again */
};

/* A client of the registry, used by one thread at a time. */
struct client {
    struct registry *registry;
    int64_t opened_at; /* clock_ms() */
};

/* A name and the time up to which its answer counts. */
struct asked {
    uint64_t name; /* a hash */
    int64_t until; /* clock_ms() */
};

struct upstream {
    const struct dist_upstream *options;
    char *name;
    struct flights *flights;
    pthread_mutex_t mutex; /* of the rest */
    struct client idle[IDLE_MAX];
    int idle_count;
    struct asked asked[ASKED_MAX];
};

struct upstream *upstream_new(const struct dist_upstream *options)
{
    struct upstream *upstream = mem_zero(1, sizeof(*upstream));
    upstream->options = options;
    upstream->name =
        mem_printf("%s%s%s", options->host, *options->prefix ? "/" : "", options->prefix);
    upstream->flights = flights_new();
    pthread_mutex_init(&upstream->mutex, NULL);
    return upstream;
}

void upstream_free(struct upstream *upstream)
{
    if (!upstream)
        return;
    while (upstream->idle_count)
        registry_close(upstream->idle[--upstream->idle_count].registry);
    pthread_mutex_destroy(&upstream->mutex);
    flights_free(upstream->flights);
    free(upstream->name);
    free(upstream);
}

const char *upstream_name(const struct upstream *upstream)
{
    return upstream->name;
}

struct flights *upstream_flights(struct upstream *upstream)
{
    return upstream->flights;
}

bool upstream_map(const struct upstream *upstream, struct dist_path *path)
{
    const char *prefix = upstream->options->prefix;
    const char *host = upstream->options->host;
    const char *rest = dist_behind_host(path->name, host, strlen(host));
    size_t len = strlen(prefix);
    if (!rest && !len)
        return true;
    bool inside = rest && (!len || (strncmp(rest, prefix, len) == 0 && rest[len] == '/'));
    if (rest && !inside)
        return false;
    AUTO_FREE char *mapped = rest ? mem_dup(rest) : mem_printf("%s/%s", prefix, path->name);
    if (strlen(mapped) >= sizeof(path->name))
        return false;
    memcpy(path->name, mapped, strlen(mapped) + 1);
    return true;
}

bool upstream_is_fresh(struct upstream *upstream, const char *name)
{
    uint64_t wanted = hash_bytes(0, name, strlen(name));
    const struct asked *asked = &upstream->asked[wanted % ASKED_MAX];
    pthread_mutex_lock(&upstream->mutex);
    bool fresh = asked->name == wanted && clock_ms() < asked->until;
    pthread_mutex_unlock(&upstream->mutex);
    return fresh;
}

void upstream_asked(struct upstream *upstream, const char *name, bool failed)
{
    uint64_t wanted = hash_bytes(0, name, strlen(name));
    int64_t life = upstream->options->fresh_seconds * 1000LL;
    pthread_mutex_lock(&upstream->mutex);
    upstream->asked[wanted % ASKED_MAX] =
        (struct asked){wanted, clock_ms() + (failed && life > FAILED_MS ? FAILED_MS : life)};
    pthread_mutex_unlock(&upstream->mutex);
}

static int borrow(struct upstream *upstream, struct client *out, struct err *err)
{
    *out = (struct client){NULL, clock_ms()};
    pthread_mutex_lock(&upstream->mutex);
    if (upstream->idle_count)
        *out = upstream->idle[--upstream->idle_count];
    pthread_mutex_unlock(&upstream->mutex);
    if (out->registry && clock_ms() - out->opened_at < CLIENT_LIFE_MS)
        return 0;
    registry_close(out->registry);
    *out = (struct client){NULL, clock_ms()};
    return registry_open(upstream->options->registry, &out->registry, err);
}

/* A client that has failed may have learned something that holds no more. */
static void give_back(struct upstream *upstream, struct client *client, int rc)
{
    pthread_mutex_lock(&upstream->mutex);
    if ((!rc || rc == ERR_NOT_FOUND) && upstream->idle_count < IDLE_MAX) {
        upstream->idle[upstream->idle_count++] = *client;
        client->registry = NULL;
    }
    pthread_mutex_unlock(&upstream->mutex);
    registry_close(client->registry);
}

/* A question to the upstream about one reference. */
struct visit {
    struct upstream *upstream;
    struct ref ref;
    struct client client;
};

static int visit_begin(struct upstream *upstream, const char *repository, const char *key,
                       struct visit *out, struct err *err)
{
    *out = (struct visit){.upstream = upstream};
    int rc = dist_ref(upstream->options->host, repository, key, &out->ref, err);
    if (!rc)
        rc = borrow(upstream, &out->client, err);
    if (rc)
        ref_release(&out->ref);
    return rc;
}

/* `rc` is what the question came to; returned. */
static int visit_end(struct visit *visit, int rc)
{
    give_back(visit->upstream, &visit->client, rc);
    ref_release(&visit->ref);
    return rc;
}

static int get_manifest(struct registry *registry, const struct ref *ref,
                        const struct digest *known, struct registry_manifest *out, bool *unchanged,
                        struct err *err)
{
    struct registry_want want = {.ref = ref, .known = known, .fd = -1};
    int rc = registry_fetch_all(registry, &want, 1, err);
    if (!rc)
        rc = err_move(err, &want.err);
    err_release(&want.err);
    *unchanged = want.unchanged;
    *out = want.manifest;
    return rc;
}

int upstream_manifest(struct upstream *upstream, const char *repository, const char *key,
                      const struct digest *known, struct registry_manifest *out, bool *unchanged,
                      struct err *err)
{
    struct visit visit;
    int rc = visit_begin(upstream, repository, key, &visit, err);
    if (rc)
        return rc;
    rc = get_manifest(visit.client.registry, &visit.ref, known, out, unchanged, err);
    return visit_end(&visit, rc);
}

static int get_blob(struct registry *registry, const struct ref *ref, const struct digest *digest,
                    long long max, int fd, struct err *err)
{
    struct descriptor blob = {.digest = *digest};
    int rc = registry_blob_size(registry, ref, digest, &blob.size, err);
    if (!rc && blob.size > max)
        rc = err_set(err, ERR_FAILED,
                     "the blob %s has %lld bytes: larger than %lld, see --max-upload", digest->text,
                     blob.size, max);
    if (rc)
        return rc;
    struct registry_want want = {.ref = ref, .blob = &blob, .fd = fd};
    rc = registry_fetch_all(registry, &want, 1, err);
    if (!rc)
        rc = err_move(err, &want.err);
    err_release(&want.err);
    return rc;
}

int upstream_blob(struct upstream *upstream, const char *repository, const struct digest *digest,
                  long long max, int fd, struct err *err)
{
    struct visit visit;
    int rc = visit_begin(upstream, repository, digest->text, &visit, err);
    if (rc)
        return rc;
    rc = get_blob(visit.client.registry, &visit.ref, digest, max, fd, err);
    return visit_end(&visit, rc);
}

int upstream_tags(struct upstream *upstream, const char *repository, struct registry_names *out,
                  struct err *err)
{
    struct visit visit;
    int rc = visit_begin(upstream, repository, "latest", &visit, err);
    if (rc)
        return rc;
    rc = registry_tags(visit.client.registry, &visit.ref, out, err);
    return visit_end(&visit, rc);
}
