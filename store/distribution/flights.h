/* Work that several threads want at the same time, and that one of them does for all. */
#ifndef WASME_STORE_DISTRIBUTION_FLIGHTS_H
#define WASME_STORE_DISTRIBUTION_FLIGHTS_H

#include <stdbool.h>

struct flights;

struct flights *flights_new(void);
void flights_free(struct flights *flights); /* NULL is fine; no work is under way */
/* True: the caller does the work of that name, and calls flights_end(). False: another thread has
 * done it, with or without success, while this one waited. */
bool flights_begin(struct flights *flights, const char *name);
void flights_end(struct flights *flights, const char *name);

#endif
