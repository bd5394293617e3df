/*
 * The certificates that are kept for one registry, in the layout of Docker ("Verify repository
 * client with certificates") and containers-certs.d(5): FOLDER/HOST[:PORT]/ holds *.crt,
 * certificates of authorities, and NAME.cert with NAME.key, a certificate and a key for the client.
 */
#ifndef WASME_HTTP_CERTS_H
#define WASME_HTTP_CERTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* The certificates for one host. */
struct certs {
    struct buf authorities; /* PEM */
    char *certificate;      /* path of the client's certificate; owned; NULL: there is none */
    char *key;              /* path of its key; owned; NULL without a certificate */
};
void certs_release(struct certs *certs); /* usable with AUTO() */

/* Checks the bytes of `out` behind its first `before` bytes, which the file at `path` has given.
 * ERR_FAILED: they hold no certificate of the form PEM. */
int certs_check(const struct buf *out, size_t before, const char *path, struct err *err);
/* Does one of the folders have a folder for the host? `folders` is NULL-terminated, or NULL. */
bool certs_exist(const char *const *folders, const char *host);
/*
 * Adds to `out`, whose buffer the caller has given a maximum, the authorities of all folders, and
 * the first client certificate by the order of folders and names. ERR_FAILED names a .cert without
 * its .key, or a .key without its .cert. A folder or a pair that this user may not read is left
 * out.
 */
int certs_find(const char *const *folders, const char *host, struct certs *out, struct err *err);

#endif
