/*
 * The certificates that are kept for one registry, as Docker ("Verify repository client with
 * certificates") and containers-certs.d(5) lay them out: FOLDER/HOST[:PORT]/ with *.crt, the
 * authorities, and NAME.cert with NAME.key, the client's certificate.
 */
#ifndef WASME_HTTP_CERTS_H
#define WASME_HTTP_CERTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* ERR_FAILED when what the file added to `out`, behind its first `before` bytes, has no certificate
 * of the form PEM. */
int certs_check(const struct buf *out, size_t before, const char *path, struct err *err);
/* `folders` is NULL-terminated, or NULL. */
bool certs_exist(const char *const *folders, const char *host);
/*
 * Adds the authorities of all folders to `authorities`, and gives the first client certificate, by
 * the order of folders and names; the caller frees `*certificate` and `*key`. ERR_FAILED names a
 * .cert without its .key, and the reverse. A folder, or a pair, that may not be read counts as
 * none.
 */
int certs_find(const char *const *folders, const char *host, struct buf *authorities,
               char **certificate, char **key, struct err *err);

#endif
