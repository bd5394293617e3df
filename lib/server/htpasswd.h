/* The file of users and their passwords' hashes that Apache's htpasswd writes. */
#ifndef WASME_SERVER_HTPASSWD_H
#define WASME_SERVER_HTPASSWD_H

#include <stddef.h>

#include "base/err.h"

enum {
    HTPASSWD_BYTES_MAX = 1024 * 1024,
    HTPASSWD_NAME_MAX = 255, /* bytes of a user's name, as for htpasswd itself */
};

struct htpasswd_user {
    char *name; /* owned, as the hash */
    char *hash;
    size_t line;
};

struct htpasswd {
    struct htpasswd_user *users; /* owned; sorted by name */
    size_t count;
};

/*
 * Reads lines of "name:hash", where more fields may follow after another ':'. Empty lines and lines
 * that begin with '#' are skipped. `shown` names the file in errors, which have the number of the
 * line, and never a hash: ERR_UNSUPPORTED as of password_check_hash(), ERR_DAMAGED for a line of
 * another form, and for a name that comes twice. An empty file has no users. password_load() comes
 * before.
 */
int htpasswd_parse(const char *text, const char *shown, struct htpasswd *out, struct err *err);
/* NULL: there is no such user. */
const struct htpasswd_user *htpasswd_find(const struct htpasswd *htpasswd, const char *name);
void htpasswd_release(struct htpasswd *htpasswd); /* usable with AUTO() */

#endif
