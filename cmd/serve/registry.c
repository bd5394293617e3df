#include "cmd/serve/registry.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/registry_dir.h"
#include "cmd/settings.h"
#include "store/distribution/path.h"
#include "store/distribution/reply.h"

/* A snapshot is made again at the latest after so many milliseconds, since the original changes
 * images without a trace in the folder of the store. */
enum { SNAPSHOT_MS = 5000 };

struct serve_registry {
    const struct serve_registry_args *args;
    struct store *store;
    struct digest_cache *digests;
    char *dir;
    char *host;
    struct serve_proxy *proxy;         /* NULL: none */
    struct distribution *distribution; /* NULL before serve_registry_begin() */
    pthread_mutex_t mutex;             /* of the next four */
    struct store_snapshot *snapshot;
    struct timespec changed; /* the last change of the store's folder */
    int64_t made_at;         /* clock_ms() */
    bool stale;
};

/* Whether the store has changed since the snapshot. */
static bool is_stale(struct serve_registry *registry)
{
    struct stat info;
    if (stat(store_dir(registry->store), &info) != 0)
        info = (struct stat){0};
    bool same = info.st_mtim.tv_sec == registry->changed.tv_sec &&
                info.st_mtim.tv_nsec == registry->changed.tv_nsec;
    bool stale = registry->stale || !same || clock_ms() - registry->made_at > SNAPSHOT_MS;
    registry->changed = info.st_mtim;
    registry->stale = false;
    return stale;
}

static struct store_snapshot *images(void *arg, bool fresh)
{
    struct serve_registry *registry = arg;
    AUTO(err_release) struct err err = ERR_INIT;
    struct store_snapshot *made = NULL;
    pthread_mutex_lock(&registry->mutex);
    if (is_stale(registry) || fresh) {
        registry->made_at = clock_ms();
        if (store_snapshot_make(registry->store, registry->snapshot, NULL, &made, &err) == 0) {
            store_snapshot_drop(registry->snapshot);
            registry->snapshot = made;
        } else {
            log_warning("the store cannot be read", "error", err_text(&err), NULL);
        }
    }
    made = registry->snapshot ? store_snapshot_keep(registry->snapshot) : NULL;
    pthread_mutex_unlock(&registry->mutex);
    return made;
}

static void changed(void *arg)
{
    struct serve_registry *registry = arg;
    pthread_mutex_lock(&registry->mutex);
    registry->stale = true;
    pthread_mutex_unlock(&registry->mutex);
}

/* Refuses to let strangers write. */
static int check_access(const struct serve_registry_args *args, bool strangers, struct err *err)
{
    if (!args->writable || args->anonymous || !strangers)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--writable: everybody who can reach this machine could push: ask for a login "
                   "(--htpasswd), write --bind 127.0.0.1 for clients of this machine alone, or "
                   "--anonymous-push");
}

static bool may_write(void *arg, const struct server_request *request, struct server_reply *reply)
{
    const struct serve_registry *registry = arg;
    if (request->user || request->local || registry->args->anonymous)
        return true;
    dist_error(reply, 403, "DENIED", "only clients that log in may write to this registry");
    return false;
}

/* Refuses options that contradict each other. */
static int check_words(const struct serve_registry_args *args, struct err *err)
{
    const char *proxy = args->proxy.upstream;
    const char *other = !proxy           ? NULL
                        : args->writable ? "--writable"
                        : args->name     ? "--name"
                        : args->off      ? "--no-registry"
                                         : NULL;
    if (other)
        return err_set(err, ERR_USAGE, "--proxy and %s exclude each other", other);
    if (args->off && args->writable)
        return err_set(err, ERR_USAGE, "--no-registry and --writable exclude each other");
    return 0;
}

static void proxy_close_at(struct serve_proxy **proxy)
{
    serve_proxy_close(*proxy);
}

int serve_registry_open(const struct serve_registry_args *args, struct store *store,
                        const char *store_option, struct digest_cache *digests,
                        struct serve_registry **out, struct err *err)
{
    AUTO_FREE char *dir = NULL, *host = NULL;
    AUTO(proxy_close_at) struct serve_proxy *proxy = NULL;
    int rc = check_words(args, err);
    if (rc || args->off)
        return rc;
    rc = serve_registry_dir(args->dir, store, store_option, &dir, err);
    if (!rc && args->name)
        rc = settings_registry(args->name, &host, err);
    if (!rc)
        rc = serve_proxy_open(&args->proxy, &proxy, err);
    if (rc)
        return rc;
    if (proxy)
        host = mem_dup(serve_proxy_upstream(proxy)->host);
    struct serve_registry *registry = mem_zero(1, sizeof(*registry));
    registry->args = args;
    registry->store = store;
    registry->digests = digests;
    registry->dir = STEAL(dir);
    registry->host = STEAL(host);
    registry->proxy = STEAL(proxy);
    pthread_mutex_init(&registry->mutex, NULL);
    *out = registry;
    return 0;
}

void serve_registry_close(struct serve_registry *registry)
{
    if (!registry)
        return;
    dist_close(registry->distribution);
    serve_proxy_close(registry->proxy);
    store_snapshot_drop(registry->snapshot);
    pthread_mutex_destroy(&registry->mutex);
    free(registry->dir);
    free(registry->host);
    free(registry);
}

void serve_registry_close_at(struct serve_registry **registry)
{
    serve_registry_close(*registry);
}

int serve_registry_begin(struct serve_registry *registry, int port, bool strangers, int lock,
                         struct err *err)
{
    AUTO_CLOSE int handed = lock;
    const struct serve_registry_args *args = registry->args;
    int rc = check_access(args, strangers, err);
    if (rc)
        return rc;
    if (!registry->host)
        registry->host = mem_printf("localhost:%d", port);
    struct dist_options options = {
        .store = registry->store,
        .dir = registry->dir,
        .digests = registry->digests,
        .host = registry->host,
        .writable = args->writable,
        .upstream = serve_proxy_upstream(registry->proxy),
        .max_upload = args->max_upload,
        .images = images,
        .may_write = may_write,
        .changed = changed,
        .arg = registry,
        .notice = &log_notice,
        .lock = STEAL_FD(handed),
    };
    return dist_open(&options, &registry->distribution, err);
}

int serve_registry_lock(const struct serve_registry *registry)
{
    return dist_lock(registry->distribution);
}

const char *serve_registry_host(const struct serve_registry *registry)
{
    return registry->host;
}

bool serve_registry_writes(const struct serve_registry *registry)
{
    return registry && (registry->proxy || registry->args->writable);
}

bool serve_registry_is_for(const struct serve_registry *registry,
                           const struct server_request *request)
{
    return registry && request->path && dist_path_is_one(request->path);
}

int serve_registry_handle(struct serve_registry *registry, const struct server_request *request,
                          struct server_reply *reply, struct err *err)
{
    return dist_handle(registry->distribution, request, reply, err);
}
