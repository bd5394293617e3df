/* Counts failed logins, so that nobody can try many passwords. */
#ifndef WASME_SERVER_ATTEMPTS_H
#define WASME_SERVER_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

enum {
    ATTEMPTS_MAX = 10,           /* failures in a row ... */
    ATTEMPTS_EACH_MS = 6 * 1000, /* ... and then one in this time */
    ATTEMPTS_PLACES_MAX = 4096,  /* counted at a time; the one that failed longest ago goes first */
};

struct attempts;

struct attempts *attempts_new(void); /* the caller's */
/*
 * Takes one attempt of `who`, a keyed digest of an address and a name; false: none is left.
 * attempts_give_back() returns the attempt when the login was right. `now`: ms of clock_ms().
 */
bool attempts_take(struct attempts *attempts, const struct digest *who, int64_t now);
void attempts_give_back(struct attempts *attempts, const struct digest *who);
void attempts_clear(struct attempts *attempts);
void attempts_free(struct attempts *attempts);

#endif
