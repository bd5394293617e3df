/* The certificates that are trusted, and the certificate that the client shows. */
#ifndef WASME_HTTP_TRUST_H
#define WASME_HTTP_TRUST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define TRUST_BUNDLE_MAX (8 * 1024 * 1024) /* bytes of all certificates; more is an error */

/* The files and folders with certificates; all lent, and each may be NULL. */
struct trust_sources {
    const char *ca_file;       /* PEM, besides all others; the user names it, and may name a pipe */
    const char *system_file;   /* PEM, in place of the system's bundle (SSL_CERT_FILE) */
    const char *system_folder; /* in place of the system's folder (SSL_CERT_DIR) */
    const char *const *certs_d; /* NULL-terminated: folders of the form of certs.h */
};

/*
 * The certificates for a TLS connection. OpenSSL reads only those files of a folder of hashed links
 * that a chain needs, while parsing a whole bundle takes longer than all the rest of a small
 * transfer. When all members are NULL and empty, libcurl's own default counts.
 */
struct trust {
    const char *folder; /* of hashed links, as OpenSSL's rehash makes it; lent; or NULL */
    bool narrow;        /* only these certificates count, and not libcurl's default */
    struct buf bundle;  /* the certificates of the files; without a folder also the system's */
    char *certificate;  /* the client's: the path of a PEM file; owned; NULL: none */
    char *key;          /* the path of its key; owned */
};

/* A host, as references and addresses write it. */
struct trust_site {
    const char *host; /* "host[:port]"; lent */
    bool named;       /* the user named the host; otherwise a registry did */
};

/* The certificates for every host. */
int trust_find(const struct trust_sources *sources, struct trust *out, struct err *err);
/* The certificates for one host: `all`, and those that certs.d has for the host. The client's
 * certificate is shown only to a host that the user named. */
int trust_for(const struct trust_sources *sources, const struct trust *all,
              const struct trust_site *site, struct trust *out, struct err *err);
void trust_release(struct trust *trust);

#endif
