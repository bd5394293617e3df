#include "server/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static struct address key_of(const struct address *address)
{
    enum { NETWORK_BYTES = 8 }; /* of IPv6 */
    struct address key = *address;
    size_t used = key.six ? NETWORK_BYTES : 4;
    memset(key.bytes + used, 0, sizeof(key.bytes) - used);
    return key;
}

static size_t bucket_of(const struct crowd *crowd, const struct address *key)
{
    return (size_t)(hash_bytes(crowd->seed, key->bytes, 8) % CROWD_BUCKETS);
}

static struct crowd_member *find(const struct crowd *crowd, const struct address *key)
{
    struct crowd_member *member = crowd->buckets[bucket_of(crowd, key)];
    while (member && (member->address.six != key->six ||
                      memcmp(member->address.bytes, key->bytes, sizeof(key->bytes)) != 0))
        member = member->next;
    return member;
}

int crowd_count(const struct crowd *crowd, const struct address *address)
{
    const struct address key = key_of(address);
    const struct crowd_member *member = find(crowd, &key);
    return member ? member->count : 0;
}

struct crowd_member *crowd_enter(struct crowd *crowd, const struct address *address)
{
    const struct address key = key_of(address);
    struct crowd_member *member = find(crowd, &key);
    if (!member) {
        struct crowd_member **bucket = &crowd->buckets[bucket_of(crowd, &key)];
        member = mem_zero(1, sizeof(*member));
        *member = (struct crowd_member){.next = *bucket, .address = key};
        *bucket = member;
    }
    member->count++;
    return member;
}

void crowd_leave(struct crowd *crowd, struct crowd_member *member)
{
    if (--member->count > 0)
        return;
    struct crowd_member **at = &crowd->buckets[bucket_of(crowd, &member->address)];
    while (*at != member)
        at = &(*at)->next;
    *at = member->next;
    free(member);
}
