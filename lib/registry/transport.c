#include "registry/transport.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "http/certs.h"
#include "registry/kept.h"

enum { CONNECT_SECONDS = 30 };

int transport_open(struct transport *transport, const struct registry_options *options,
                   struct err *err)
{
    *transport = (struct transport){
        .options = options, .opened_at = clock_ms(), .memory = {.dir = options->cache_dir}};
    int rc = trust_find(&options->trust, &transport->trust, err);
    if (rc)
        return rc;
    long stall = options->stall_seconds;
    struct http_settings settings = {
        .insecure = options->insecure,
        .user_agent = options->user_agent,
        .http_proxy = options->http_proxy,
        .connect_seconds = stall > 0 && stall < CONNECT_SECONDS ? stall : CONNECT_SECONDS,
    };
    transport->kept = mem_zero(1, sizeof(*transport->kept));
    transport->kept->dir = options->runtime_dir;
    http_open(&settings, &transport->http);
    return 0;
}

void transport_close(struct transport *transport)
{
    for (size_t i = 0; i < transport->host_count; i++) {
        host_release(transport->hosts[i]);
        free(transport->hosts[i]);
    }
    free(transport->hosts);
    http_close(transport->http);
    for (size_t i = 0; i < transport->site_count; i++) {
        free(transport->sites[i]->name);
        trust_release(&transport->sites[i]->trust);
        free(transport->sites[i]);
    }
    free(transport->sites);
    trust_release(&transport->trust);
    memory_close(&transport->memory);
    kept_close(transport->kept);
    free(transport->kept);
    *transport = (struct transport){0};
}

struct host *transport_host(struct transport *transport, const char *name)
{
    for (size_t i = 0; i < transport->host_count; i++)
        if (strcmp(transport->hosts[i]->name, name) == 0)
            return transport->hosts[i];
    const struct registry_options *options = transport->options;
    size_t count = transport->host_count + 1;
    transport->hosts = mem_resize(transport->hosts, count, sizeof(*transport->hosts));
    struct host *host = mem_alloc(sizeof(*host));
    bool hinted =
        options->insecure || options->trust.ca_file || certs_exist(options->trust.certs_d, name);
    host_init(host, name, options->plain_http, hinted);
    transport->hosts[transport->host_count++] = host;
    return host;
}

int transport_trust(struct transport *transport, const char *name, bool named,
                    const struct trust **out, struct err *err)
{
    *out = &transport->trust;
    for (size_t i = 0; i < transport->site_count; i++) {
        if (transport->sites[i]->named != named || strcmp(transport->sites[i]->name, name) != 0)
            continue;
        *out = &transport->sites[i]->trust;
        return 0;
    }
    const struct trust_sources *sources = &transport->options->trust;
    if (!certs_exist(sources->certs_d, name))
        return 0;
    struct trust trust = {0};
    const struct trust_site wanted = {name, named};
    int rc = trust_for(sources, &transport->trust, &wanted, &trust, err);
    if (rc)
        return rc;
    struct site *site = mem_zero(1, sizeof(*site));
    *site = (struct site){mem_dup(name), named, trust};
    transport->sites =
        mem_resize(transport->sites, transport->site_count + 1, sizeof(*transport->sites));
    transport->sites[transport->site_count++] = site;
    *out = &site->trust;
    return 0;
}

int transport_may_go_on(const struct transport *transport, struct err *err)
{
    if (transport->options->interrupted && *transport->options->interrupted)
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    long limit = transport->options->total_seconds;
    if (limit > 0 && clock_ms() - transport->opened_at > (int64_t)limit * 1000)
        return stop_late(limit, err);
    return 0;
}

int transport_pause(const struct transport *transport, int64_t ms, struct err *err)
{
    int64_t end = clock_ms() + ms;
    for (int64_t left = ms; left > 0; left = end - clock_ms()) {
        int rc = transport_may_go_on(transport, err);
        if (rc)
            return rc;
        clock_sleep_ms(left < TRANSPORT_TURN_MS ? left : TRANSPORT_TURN_MS);
    }
    return transport_may_go_on(transport, err);
}
