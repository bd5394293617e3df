#include "base/hash.h"

uint64_t hash_bytes(uint64_t seed, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    uint64_t sum = seed;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 1099511628211U;
    return sum ^ sum >> 32;
}
