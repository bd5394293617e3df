/* Which certificates are trusted. */
#ifndef WASME_REGISTRY_TRUST_H
#define WASME_REGISTRY_TRUST_H

#include "base/buf.h"
#include "base/err.h"

#define TRUST_BUNDLE_MAX (8 * 1024 * 1024)

/*
 * A folder of hashed links is read only where a chain needs it; parsing a whole bundle takes
 * longer than all the rest of a small transfer. All NULL and empty: libcurl's own default.
 */
struct trust {
    const char *folder; /* of hashed links, as OpenSSL's rehash makes it; or NULL */
    struct buf bundle;  /* the file's certificates, and where there is no folder the system's too */
};

int trust_find(const char *ca_file, struct trust *out, struct err *err);
void trust_release(struct trust *trust);

#endif
