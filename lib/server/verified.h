/* Remembers logins whose passwords were found right, so that not each request pays for bcrypt. */
#ifndef WASME_SERVER_VERIFIED_H
#define WASME_SERVER_VERIFIED_H

#include <stdbool.h>

#include "base/digest.h"

enum { VERIFIED_MAX = 2048 };

/* Only keyed digests are kept, which tell nothing to a reader of the memory without the key. */
struct verified;

struct verified *verified_new(void); /* the caller's */
void verified_add(struct verified *verified, const struct digest *login);
bool verified_has(const struct verified *verified, const struct digest *login);
void verified_clear(struct verified *verified);
void verified_free(struct verified *verified);

#endif
