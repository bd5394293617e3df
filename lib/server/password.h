/* Passwords against their hashes: libcrypt (libxcrypt), loaded when a login is configured. */
#ifndef WASME_SERVER_PASSWORD_H
#define WASME_SERVER_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"

enum {
    PASSWORD_HASH_MAX = 255, /* bytes */
    PASSWORD_COST_MAX = 17,  /* of bcrypt: a check takes about ten seconds */
};

/* Loads the library, which must know bcrypt. */
int password_load(struct err *err);
/*
 * Whether passwords can be checked against the hash: bcrypt ($2y$, $2b$, $2a$), and SHA-256,
 * SHA-512 and yescrypt ($5$, $6$, $y$). ERR_UNSUPPORTED says what else the hash is, and what to do;
 * the hash itself is never part of the message. password_load() comes before.
 */
int password_check_hash(const char *hash, struct err *err);
/* Takes from milliseconds to seconds, as the hash says. Several threads may call it at once. */
bool password_matches(const char *password, const char *hash);

#endif
