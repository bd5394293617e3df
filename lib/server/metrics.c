#include "server/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"

static const char *const methods[METRICS_METHODS] = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other",
};

/* Upper bounds, in milliseconds. */
static const int bounds[METRICS_BUCKETS] = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 60000,
};

void metrics_count(struct metrics *metrics, const struct server_log *entry)
{
    size_t method = 0, bucket = 0;
    int status = entry->status - METRICS_STATUS_FIRST;
    while (method < METRICS_METHODS - 1 && strcmp(methods[method], entry->method) != 0)
        method++;
    while (bucket < METRICS_BUCKETS && entry->ms > bounds[bucket])
        bucket++;
    if (status >= 0 && status < METRICS_STATUSES)
        metrics->requests[method][status]++;
    metrics->buckets[bucket]++;
    metrics->duration_ms += entry->ms > 0 ? (uint64_t)entry->ms : 0;
    metrics->bytes += entry->bytes > 0 ? (uint64_t)entry->bytes : 0;
}

void metrics_begin(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(const struct metrics *metrics, struct buf *out)
{
    metrics_begin(out, "wasme_http_requests_total", "counter", "Requests that have ended.");
    for (size_t i = 0; i < METRICS_METHODS; i++) {
        for (int status = 0; status < METRICS_STATUSES; status++) {
            if (metrics->requests[i][status])
                buf_printf(out,
                           "wasme_http_requests_total{method=\"%s\",code=\"%d\"} %" PRIu64 "\n",
                           methods[i], status + METRICS_STATUS_FIRST, metrics->requests[i][status]);
        }
    }
}

static void write_seconds(struct buf *out, uint64_t ms)
{
    buf_printf(out, "%" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
}

static void write_durations(const struct metrics *metrics, struct buf *out)
{
    static const char name[] = "wasme_http_request_duration_seconds";
    uint64_t count = 0;
    metrics_begin(out, name, "histogram",
                  "Time from the first byte of a request to the last byte of its response.");
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        count += metrics->buckets[i];
        buf_printf(out, "%s_bucket{le=\"", name);
        write_seconds(out, (uint64_t)bounds[i]);
        buf_printf(out, "\"} %" PRIu64 "\n", count);
    }
    count += metrics->buckets[METRICS_BUCKETS];
    buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count, name);
    write_seconds(out, metrics->duration_ms);
    buf_printf(out, "\n%s_count %" PRIu64 "\n", name, count);
}

void metrics_write(const struct metrics *metrics, const struct metrics_now *now, struct buf *out)
{
    write_requests(metrics, out);
    write_durations(metrics, out);
    metrics_begin(out, "wasme_http_response_bytes_total", "counter",
                  "Bytes of bodies that were sent.");
    buf_printf(out, "wasme_http_response_bytes_total %" PRIu64 "\n", metrics->bytes);
    metrics_begin(out, "wasme_http_connections_total", "counter",
                  "Connections that were accepted.");
    buf_printf(out, "wasme_http_connections_total %" PRIu64 "\n", metrics->connections);
    metrics_begin(out, "wasme_http_open_connections", "gauge", "Connections that are open.");
    buf_printf(out, "wasme_http_open_connections %d\n", now->connections);
    metrics_begin(out, "wasme_http_jobs", "gauge", "Work that is left to threads of the server.");
    buf_printf(out,
               "wasme_http_jobs{state=\"waiting\"} %zu\nwasme_http_jobs{state=\"working\"} %zu\n",
               now->waiting, now->working);
}
