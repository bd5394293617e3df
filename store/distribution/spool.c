#include "store/distribution/spool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/mem.h"

void spool_random(char out[33])
{
    uint64_t random[2];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
}

char *spool_name(const struct depot *depot)
{
    char random[33];
    spool_random(random);
    return mem_printf("%s/uploads/" SPOOL_PREFIX "%s", depot->dir, random);
}

int spool_begin(const struct depot *depot, struct spool *out, struct err *err)
{
    out->path = spool_name(depot);
    out->fd = open(out->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    return out->fd < 0 ? err_errno(err, "create %s", out->path) : 0;
}

void spool_end(struct spool *spool)
{
    if (spool->fd >= 0)
        unlink(spool->path);
    mem_close_at(&spool->fd);
    free(spool->path);
}

void spool_sweep(const struct depot *depot)
{
    AUTO_FREE char *path = mem_printf("%s/uploads", depot->dir);
    AUTO(dir_close_at) DIR *dir = dir_open(AT_FDCWD, path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (strncmp(entry->d_name, SPOOL_PREFIX, strlen(SPOOL_PREFIX)) == 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
}
