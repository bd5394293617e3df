/* Decides whether a failed request is made again, and after how long a pause. */
#ifndef WASME_HTTP_RETRY_H
#define WASME_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define RETRY_FIRST_MS 300    /* the first pause, doubled for each further one */
#define RETRY_PAUSE_MAX 20000 /* milliseconds: no doubled pause is longer */
/* Milliseconds: when a registry asks for a longer pause, there is no further try. */
#define RETRY_AFTER_MAX 120000

/* May a further try help? For 408, 429 and 5xx, but not for 501 and 505. */
bool retry_wants(int status);
/* Reads a Retry-After field (RFC 9110, 10.2.3: seconds or an HTTP date). The result is in
 * milliseconds from `now`; -1: the field cannot be read. */
int64_t retry_after_ms(const char *text, time_t now);
/*
 * The pause, in milliseconds, after `attempt` + 1 failures: 0 is passed after the first failure.
 * The pause doubles with each failure, and `random` chooses a length between half of it and all of
 * it. With a `retry_after` (or NULL) that can be read, the result is the time that the registry
 * asks for, plus a random part of the doubled pause. -1: the registry asks for more than
 * RETRY_AFTER_MAX.
 */
int64_t retry_pause_ms(int attempt, const char *retry_after, time_t now, unsigned random);

#endif
