#include "server/keyed.h"

#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

int keyed_init(struct keyed *keyed, struct err *err)
{
    if (getrandom(keyed->key, sizeof(keyed->key), 0) != (ssize_t)sizeof(keyed->key))
        return err_errno(err, "get random bytes");
    return 0;
}

/* RFC 2104, section 2: the key, combined with a byte, fills the first block. */
static void add_key(struct hasher *hasher, const struct keyed *keyed, unsigned char pad)
{
    unsigned char block[sizeof(keyed->key)];
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = keyed->key[i] ^ pad;
    hasher_update(hasher, block, sizeof(block));
    explicit_bzero(block, sizeof(block));
}

void keyed_digest(const struct keyed *keyed, const char *one, const char *other, struct digest *out)
{
    AUTO(hasher_free_at) struct hasher *hasher = hasher_new();
    struct digest inner;
    add_key(hasher, keyed, 0x36);
    hasher_update(hasher, one, strlen(one) + 1);
    hasher_update(hasher, other, strlen(other));
    hasher_finish(hasher, &inner);
    add_key(hasher, keyed, 0x5c);
    hasher_update(hasher, inner.text, strlen(inner.text));
    hasher_finish(hasher, out);
}
