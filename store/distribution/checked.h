/* Verified files: no byte is served that does not match its digest. */
#ifndef WASME_STORE_DISTRIBUTION_CHECKED_H
#define WASME_STORE_DISTRIBUTION_CHECKED_H

#include "base/digest.h"
#include "base/err.h"

/* Remembers digests of files; a file is hashed again only after a change. For any thread. */
struct checked;
struct checked *checked_new(void);
void checked_free(struct checked *checked);
/* ERR_DAMAGED when the file has another digest; both are named. */
int checked_file(struct checked *checked, int fd, const struct digest_any *digest, struct err *err);

#endif
