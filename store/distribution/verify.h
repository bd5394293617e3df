/* Verified files: no byte is served that does not match its digest. */
#ifndef WASME_STORE_DISTRIBUTION_VERIFY_H
#define WASME_STORE_DISTRIBUTION_VERIFY_H

#include "base/digest.h"
#include "base/err.h"

/* Remembers digests of files; a file is hashed again only after a change. For any thread. */
struct verified;
struct verified *verified_new(void);
void verified_free(struct verified *verified);
/* ERR_DAMAGED when the file has another digest; both are named. */
int verified_check(struct verified *verified, int fd, const struct digest_any *digest,
                   struct err *err);

#endif
