/* Counters of the server, and their text for Prometheus. Only the thread of the loop uses them. */
#ifndef WASME_SERVER_METRICS_H
#define WASME_SERVER_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "server/server.h"

enum {
    METRICS_METHODS = 8, /* those that have names of their own, and last all others */
    METRICS_STATUS_FIRST = 100,
    METRICS_STATUSES = 500,
    METRICS_BUCKETS = 14, /* of the histogram, and one more without a bound */
};

struct metrics {
    uint64_t requests[METRICS_METHODS][METRICS_STATUSES];
    uint64_t buckets[METRICS_BUCKETS + 1]; /* of requests by duration, each alone */
    uint64_t duration_ms;                  /* of all requests together */
    uint64_t bytes;                        /* of the bodies of responses */
    uint64_t connections;                  /* that were accepted */
};

/* Counts a request that has ended. */
void metrics_count(struct metrics *metrics, const struct server_log *entry);
/* What there is at the moment. */
struct metrics_now {
    int connections;         /* that are open */
    size_t waiting, working; /* jobs */
};
/* Adds the two lines that come before the values of a metric. */
void metrics_begin(struct buf *out, const char *name, const char *type, const char *help);
/* Adds the counters in the text format of Prometheus, version 0.0.4. */
void metrics_write(const struct metrics *metrics, const struct metrics_now *now, struct buf *out);

#endif
