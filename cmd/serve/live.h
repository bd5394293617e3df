/* The catalogue of a store that changes. */
#ifndef WASME_CMD_SERVE_LIVE_H
#define WASME_CMD_SERVE_LIVE_H

#include "cmd/serve/catalogue.h"
#include "server/server.h"

struct live;

/* `store` and `site` are lent. */
struct live *live_open(struct store *store, const struct site *site);
void live_close(struct live *live);     /* NULL is fine */
void live_close_at(struct live **live); /* for AUTO() */
/* The catalogue, when it is of the store as it is now; else NULL. Only one thread calls this. The
 * caller drops the result. */
struct catalogue *live_fresh(struct live *live);
/* Whether the server hears of each change of the store, so that replies may be kept. */
bool live_is_watched(const struct live *live);
/* The catalogue of the store as it was at the last live_fresh() or later; made now, or waited
 * for while another thread makes it. Any thread may call this. The caller drops `*out`. */
int live_renew(struct live *live, struct catalogue **out, struct err *err);
/* Has the server make the first catalogue, before a client asks for one, and watch the store.
 * `live` must last as long as the server. */
int live_begin(struct live *live, struct server *server, struct err *err);
/* Adds counters of the catalogue in the text format of Prometheus. */
void live_metrics(struct live *live, struct buf *out);

#endif
