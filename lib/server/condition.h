/* Conditional requests (RFC 9110, section 13). */
#ifndef WASME_SERVER_CONDITION_H
#define WASME_SERVER_CONDITION_H

#include <stdbool.h>
#include <time.h>

#include "server/parse.h"

/*
 * Returns 0 when the resource is to be sent, otherwise 304 or 412. `etag` is a strong tag without
 * its quotes, or "" for none; `modified` is 0 when the time is not known. If-None-Match is compared
 * weakly, and If-Modified-Since does not count beside it.
 */
int condition_check(const struct server_request *request, const char *etag, time_t modified);
/*
 * Whether a Range counts: there is no If-Range, or If-Range names exactly this version. A tag is
 * compared strongly; a date must be the time of modification, more than a second before `now`.
 */
bool condition_range_counts(const struct server_request *request, const char *etag, time_t modified,
                            time_t now);

#endif
