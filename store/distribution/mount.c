#include "store/distribution/mount.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/distribution/pull.h"

int mount_link(struct distribution *registry, const char *repository,
               const struct digest_any *digest, struct err *err)
{
    char entry[DEPOT_ENTRY_MAX + 1];
    depot_entry(digest, entry);
    return depot_link_set(registry->depot, repository, DEPOT_BLOBS, entry, "", err);
}

/* Opens the blob wherever it is. What was pushed to any repository is for all of them. */
static int open_any(struct distribution *registry, const struct digest_any *digest, int *fd,
                    long long *size, struct err *err)
{
    int rc = depot_blob_open(registry->depot, digest, fd, size, err);
    return rc ? rc : digest_cache_check(registry->options.digests, *fd, digest, err);
}

int mount_blob(struct distribution *registry, const char *from, const char *repository,
               const struct digest_any *digest, struct err *err)
{
    AUTO_CLOSE int fd = -1;
    long long size = 0;
    int rc = from ? pull_open_blob(registry, from, digest, &fd, &size, err)
                  : open_any(registry, digest, &fd, &size, err);
    if (rc == ERR_TRANSIENT || rc == ERR_DAMAGED)
        return err_set(err, ERR_NOT_FOUND, "%s cannot be read", digest->text);
    if (!rc)
        rc = depot_blob_share(registry->depot, fd, digest, err);
    return rc ? rc : mount_link(registry, repository, digest, err);
}
