/* Hashes for tables: not for anything that an attacker must not be able to find. */
#ifndef WASME_BASE_HASH_H
#define WASME_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a with 64 bits, from `seed` on: of a table whose keys a peer chooses, a random
 * number. The upper half is folded into the lower one. */
uint64_t hash_bytes(uint64_t seed, const void *data, size_t len);

#endif
