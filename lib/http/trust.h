/* Which certificates are trusted, and which one we show. */
#ifndef WASME_HTTP_TRUST_H
#define WASME_HTTP_TRUST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define TRUST_BUNDLE_MAX (8 * 1024 * 1024)

/* Where they are looked for; all lent, and each may be NULL. */
struct trust_sources {
    const char *ca_file;       /* PEM, besides all others; named by the user, who may give a pipe */
    const char *system_file;   /* PEM, in place of the system's bundle (SSL_CERT_FILE) */
    const char *system_folder; /* in place of the system's folder (SSL_CERT_DIR) */
    const char *const *certs_d; /* NULL-terminated: folders of the form of certs.h */
};

/*
 * A folder of hashed links is read only where a chain needs it; parsing a whole bundle takes
 * longer than all the rest of a small transfer. All NULL and empty: libcurl's own default.
 */
struct trust {
    const char *folder; /* of hashed links, as OpenSSL's rehash makes it; lent; or NULL */
    bool narrow;        /* nothing else counts: libcurl's default neither */
    struct buf bundle;  /* the files' certificates, and where there is no folder the system's too */
    char *certificate;  /* ours, a file of PEM; owned, as the key; NULL: none */
    char *key;
};

int trust_find(const struct trust_sources *sources, struct trust *out, struct err *err);
/* The same for one host ("host[:port]"): `all`, and what certs.d has for it. Our certificate is for
 * a host that the user named (`named`), not for one that a registry did. */
int trust_for(const struct trust_sources *sources, const struct trust *all, const char *host,
              bool named, struct trust *out, struct err *err);
void trust_release(struct trust *trust);

#endif
