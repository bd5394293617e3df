/* Conditional requests (RFC 9110, section 13). */
#ifndef WASME_SERVER_CONDITION_H
#define WASME_SERVER_CONDITION_H

#include <stdbool.h>
#include <time.h>

#include "server/parse.h"

/*
 * 0: serve it; 304 or 412 otherwise. `etag` is a strong tag without its quotes, or "" for none;
 * `modified` 0: unknown. If-None-Match is compared weakly and silences If-Modified-Since.
 */
int condition_check(const struct server_request *request, const char *etag, time_t modified);
/*
 * Whether a Range counts: there is no If-Range, or it names this very version (a strong
 * comparison; a date must be the modification's, more than a second before `now`).
 */
bool condition_range_counts(const struct server_request *request, const char *etag, time_t modified,
                            time_t now);

#endif
