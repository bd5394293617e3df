#include "cmd/serve/live.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/serve/catalogue_make.h"
#include "cmd/serve/watch.h"
#include "server/metrics.h"

struct live {
    struct store *store;
    const struct site *site;
    struct watch *watch;
    struct server *server; /* NULL before live_begin() */
    struct server_watch events;
    _Atomic uint64_t changes; /* of the store, that were noticed */
    pthread_mutex_t making;   /* held while a catalogue is made */
    pthread_mutex_t lock;     /* of the next members */
    struct catalogue *current;
    uint64_t made; /* catalogues */
    int64_t made_ms;
};

struct live *live_open(struct store *store, const struct site *site)
{
    struct live *live = mem_zero(1, sizeof(*live));
    live->store = store;
    live->site = site;
    live->watch = watch_open(store);
    live->changes = 1;
    pthread_mutex_init(&live->making, NULL);
    pthread_mutex_init(&live->lock, NULL);
    return live;
}

void live_close(struct live *live)
{
    if (!live)
        return;
    catalogue_drop(live->current);
    watch_close(live->watch);
    pthread_mutex_destroy(&live->making);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

void live_close_at(struct live **live)
{
    live_close(*live);
}

/* The catalogue that is there, when it has all changes up to `number`. */
static struct catalogue *current(struct live *live, uint64_t number)
{
    pthread_mutex_lock(&live->lock);
    bool fits = live->current && live->current->number >= number;
    struct catalogue *found = fits ? catalogue_keep(live->current) : NULL;
    pthread_mutex_unlock(&live->lock);
    return found;
}

static void look(void *arg)
{
    struct live *live = arg;
    if (!watch_changed(live->watch))
        return;
    live->changes++;
    if (live->server)
        server_changed(live->server);
}

struct catalogue *live_fresh(struct live *live)
{
    look(live);
    return current(live, live->changes);
}

bool live_is_watched(const struct live *live)
{
    return watch_is_whole(live->watch);
}

static void put(struct live *live, struct catalogue *catalogue, int64_t ms)
{
    pthread_mutex_lock(&live->lock);
    struct catalogue *before = live->current;
    live->current = catalogue;
    live->made++;
    live->made_ms = ms;
    pthread_mutex_unlock(&live->lock);
    catalogue_drop(before);
}

static int make(struct live *live, struct catalogue **out, struct err *err)
{
    int64_t began = clock_ms();
    uint64_t number = live->changes;
    AUTO(catalogue_drop_at) struct catalogue *before = current(live, 0);
    struct catalogue *made = NULL;
    watch_images(live->watch);
    int rc = catalogue_make(live->store, live->site, before, &made, err);
    if (rc)
        return rc;
    made->number = number;
    *out = catalogue_keep(made);
    put(live, made, clock_ms() - began);
    return 0;
}

int live_renew(struct live *live, struct catalogue **out, struct err *err)
{
    pthread_mutex_lock(&live->making);
    struct catalogue *found = current(live, live->changes);
    int rc = found ? 0 : make(live, &found, err);
    pthread_mutex_unlock(&live->making);
    if (!rc)
        *out = found;
    return rc;
}

static void make_first(void *arg)
{
    AUTO(catalogue_drop_at) struct catalogue *catalogue = NULL;
    AUTO(err_release) struct err err = ERR_INIT;
    if (live_renew(arg, &catalogue, &err) != 0)
        log_warning("the store cannot be read", "error", err_text(&err), NULL);
}

int live_begin(struct live *live, struct server *server, struct err *err)
{
    live->server = server;
    live->events = (struct server_watch){watch_fd(live->watch), look, live};
    (void)server_background(server, make_first, NULL, NULL, live); /* else with the first request */
    return live->events.fd < 0 ? 0 : server_watch(server, &live->events, err);
}

static void put_metric(struct buf *out, const char *name, const char *type, const char *help,
                       long long value)
{
    metrics_begin(out, name, type, help);
    buf_printf(out, "%s %lld\n", name, value);
}

void live_metrics(struct live *live, struct buf *out)
{
    pthread_mutex_lock(&live->lock);
    const struct catalogue *now = live->current;
    put_metric(out, "wasme_store_images", "gauge", "Images in the store.",
               now ? (long long)now->count : 0);
    put_metric(out, "wasme_store_wasm_bytes", "gauge", "Bytes of the wasm of all images.",
               now ? now->bytes : 0);
    put_metric(out, "wasme_store_snapshots_total", "counter", "How often the store was read.",
               (long long)live->made);
    metrics_begin(out, "wasme_store_snapshot_seconds", "gauge", "Duration of the last reading.");
    buf_printf(out, "wasme_store_snapshot_seconds %" PRId64 ".%03" PRId64 "\n",
               live->made_ms / 1000, live->made_ms % 1000);
    pthread_mutex_unlock(&live->lock);
}
