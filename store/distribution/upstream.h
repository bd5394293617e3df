/* The registry in front of which a cache stands, asked by any number of threads at a time. */
#ifndef WASME_STORE_DISTRIBUTION_UPSTREAM_H
#define WASME_STORE_DISTRIBUTION_UPSTREAM_H

#include "registry/discovery.h"
#include "store/distribution/distribution.h"
#include "store/distribution/flights.h"
#include "store/distribution/path.h"
#include "store/distribution/spool.h"

struct upstream;

/* The options are lent. */
struct upstream *upstream_new(const struct dist_upstream *options);
void upstream_free(struct upstream *upstream); /* NULL is fine */
/* HOST[/PREFIX], for people. */
const char *upstream_name(const struct upstream *upstream);
struct flights *upstream_flights(struct upstream *upstream);

/* Makes the name of the repository at the upstream of the name that a client gave: PATH stands for
 * PREFIX/PATH, and HOST/PREFIX/PATH (a colon in HOST is '_') for itself. False: there is none. */
bool upstream_map(const struct upstream *upstream, struct dist_path *path);

/* Whether the upstream need not be asked about the name yet. */
bool upstream_is_fresh(struct upstream *upstream, const char *name);
/* Notes that the upstream was asked about the name, and, when it could not be, `failed`. */
void upstream_asked(struct upstream *upstream, const char *name, bool failed);

/* Fetches a manifest by tag or digest. `*unchanged`: it is still the one that is known (or NULL),
 * and none came. */
int upstream_manifest(struct upstream *upstream, const char *repository, const char *key,
                      const struct digest *known, struct registry_manifest *out, bool *unchanged,
                      struct err *err);
/* Fetches a blob of at most `max` bytes into the file, verified. */
int upstream_blob(struct upstream *upstream, const char *repository, const struct digest *digest,
                  long long max, int fd, struct err *err);
int upstream_tags(struct upstream *upstream, const char *repository, struct registry_names *out,
                  struct err *err);

#endif
