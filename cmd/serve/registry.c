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
    char *dir;
    char *host;
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

/* Whether only this machine can reach the address. */
static bool is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (!address)
        return false;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, address, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return strcmp(address, "localhost") == 0;
}

/* Refuses to let strangers write. */
static int check_access(const struct serve_registry_args *args, const char *bind, bool login,
                        struct err *err)
{
    if (!args->writable || args->anonymous || login || is_loopback(bind))
        return 0;
    return err_set(err, ERR_USAGE,
                   "--writable: everybody who can reach this machine could push: write --bind "
                   "127.0.0.1 for clients of this machine alone, name the file of the logins, or "
                   "write --anonymous-push");
}

static bool may_write(void *arg, const struct server_request *request, struct server_reply *reply)
{
    const struct serve_registry *registry = arg;
    if (request->user || request->local || registry->args->anonymous)
        return true;
    dist_error(reply, 403, "DENIED", "only clients that log in may write to this registry");
    return false;
}

int serve_registry_open(const struct serve_registry_args *args, struct store *store,
                        const char *store_option, const char *bind, bool login,
                        struct serve_registry **out, struct err *err)
{
    AUTO_FREE char *dir = NULL, *host = NULL;
    if (args->off && args->writable)
        return err_set(err, ERR_USAGE, "--no-registry and --writable exclude each other");
    if (args->off)
        return 0;
    int rc = check_access(args, bind, login, err);
    if (!rc)
        rc = serve_registry_dir(args->dir, store, store_option, &dir, err);
    if (!rc && args->name)
        rc = settings_registry(args->name, &host, err);
    if (rc)
        return rc;
    struct serve_registry *registry = mem_zero(1, sizeof(*registry));
    registry->args = args;
    registry->store = store;
    registry->dir = STEAL(dir);
    registry->host = STEAL(host);
    pthread_mutex_init(&registry->mutex, NULL);
    *out = registry;
    return 0;
}

void serve_registry_close(struct serve_registry *registry)
{
    if (!registry)
        return;
    dist_close(registry->distribution);
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

int serve_registry_begin(struct serve_registry *registry, int port, struct err *err)
{
    const struct serve_registry_args *args = registry->args;
    if (!registry->host)
        registry->host = mem_printf("localhost:%d", port);
    struct dist_options options = {
        .store = registry->store,
        .dir = registry->dir,
        .host = registry->host,
        .writable = args->writable,
        .max_upload = args->max_upload,
        .images = images,
        .may_write = may_write,
        .changed = changed,
        .arg = registry,
        .notice = &log_notice,
    };
    return dist_open(&options, &registry->distribution, err);
}

const char *serve_registry_host(const struct serve_registry *registry)
{
    return registry->host;
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
