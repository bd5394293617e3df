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
    const char *file;   /* besides the folder, or NULL; lent by who called trust_find */
    struct buf bundle;  /* the system's certificates and the file's, where there is no folder */
};

int trust_find(const char *ca_file, struct trust *out, struct err *err);
void trust_release(struct trust *trust);

#endif
