/* Digests that nobody can make who does not know the key: HMAC with SHA-256 (RFC 2104). */
#ifndef WASME_SERVER_KEYED_H
#define WASME_SERVER_KEYED_H

#include <stddef.h>

#include "base/digest.h"

/* A random key of this process. */
struct keyed {
    unsigned char key[64];
};

/* Fails when the system gives no random bytes. */
int keyed_init(struct keyed *keyed, struct err *err);
/* The digest of two texts, of which neither can be taken for a part of the other. */
void keyed_digest(const struct keyed *keyed, const char *one, const char *other,
                  struct digest *out);

#endif
