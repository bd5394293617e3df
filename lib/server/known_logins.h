/* Remembers logins whose passwords were found right, so that not each request pays for bcrypt. */
#ifndef WASME_SERVER_KNOWN_LOGINS_H
#define WASME_SERVER_KNOWN_LOGINS_H

#include <stdbool.h>

#include "base/digest.h"

enum { KNOWN_LOGINS_MAX = 2048 };

/* Only keyed digests are kept, which tell nothing to a reader of the memory without the key. */
struct known_logins;

struct known_logins *known_logins_new(void); /* the caller's */
void known_logins_add(struct known_logins *known, const struct digest *login);
bool known_logins_has(const struct known_logins *known, const struct digest *login);
void known_logins_clear(struct known_logins *known);
void known_logins_free(struct known_logins *known);

#endif
