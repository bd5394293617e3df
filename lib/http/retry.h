/* When a request is made again, and after how long. */
#ifndef WASME_HTTP_RETRY_H
#define WASME_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define RETRY_FIRST_MS 300    /* the first pause, doubled for each further one */
#define RETRY_PAUSE_MAX 20000 /* milliseconds: no pause of our own is longer */
/* Milliseconds: a registry that asks for a longer pause is told to the user. */
#define RETRY_AFTER_MAX 120000

/* 408, 429 and 5xx but 501 and 505, which a second try does not change. */
bool retry_wants(int status);
/* A Retry-After (RFC 9110, 10.2.3: seconds or an HTTP date) in milliseconds from `now`; -1 when it
 * cannot be read. */
int64_t retry_after_ms(const char *text, time_t now);
/*
 * The pause before try number `attempt` + 2 (so 0 after the first failure), in milliseconds: one
 * that doubles, from half of it to all of it by `random`; where there is a `retry_after` (or NULL),
 * what that says and up to all of the other on top. -1: the registry asks for longer than
 * RETRY_AFTER_MAX.
 */
int64_t retry_pause_ms(int attempt, const char *retry_after, time_t now, unsigned random);

#endif
