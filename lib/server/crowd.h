/* How many connections each address has. */
#ifndef WASME_SERVER_CROWD_H
#define WASME_SERVER_CROWD_H

#include <stdint.h>

#include "server/network.h"

enum { CROWD_BUCKETS = 1024 };

/* An address that has connections. Of IPv6 the first 64 bits count, since whoever has one address
 * has all that begin so. */
struct crowd_member {
    struct crowd_member *next;
    struct address address;
    int count;
};

/* All zero, with any seed, before the first connection. */
struct crowd {
    uint64_t seed; /* nobody outside can know which addresses share a bucket */
    struct crowd_member *buckets[CROWD_BUCKETS];
};

/* The connections of the address. */
int crowd_count(const struct crowd *crowd, const struct address *address);
/* Counts one more. The result is lent until crowd_leave(), which takes it. */
struct crowd_member *crowd_enter(struct crowd *crowd, const struct address *address);
void crowd_leave(struct crowd *crowd, struct crowd_member *member);

#endif
