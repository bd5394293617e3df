/* Work that several threads want at the same time, and that one of them does for all. */
#ifndef WASME_STORE_DISTRIBUTION_FLIGHTS_H
#define WASME_STORE_DISTRIBUTION_FLIGHTS_H

#include <stdbool.h>

struct flights;

struct flights *flights_new(void);
void flights_free(struct flights *flights); /* NULL is fine; no work is under way */
/* True: the caller does the work of that name, and calls flights_end() with what the work came to,
 * 0 or an error code. False: another thread has done it while this one waited, and it came to
 * `*rc`. */
bool flights_begin(struct flights *flights, const char *name, int *rc);
void flights_end(struct flights *flights, const char *name, int rc);

#endif
