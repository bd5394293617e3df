#include "cmd/cache_dirs.h"

#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/settings.h"

/* The specification wants relative paths to be ignored. */
static const char *absolute(const char *name)
{
    const char *value = settings_variable(name);
    return value && *value == '/' ? value : NULL;
}

static char *find_cache(void)
{
    const char *given = absolute("XDG_CACHE_HOME");
    const char *home = absolute("HOME");
    if (given)
        return mem_printf("%s/wasme", given);
    return home ? mem_printf("%s/.cache/wasme", home) : NULL;
}

/* Is the folder ours alone, and in memory? Tokens are written to no disk. */
static bool is_private_memory(const char *path)
{
    struct stat info;
    struct statfs kind;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 07777) == 0700 && statfs(path, &kind) == 0 &&
           (kind.f_type == TMPFS_MAGIC || kind.f_type == RAMFS_MAGIC);
}

void cache_dirs_find(struct cache_dirs *dirs)
{
    const char *runtime = absolute("XDG_RUNTIME_DIR");
    *dirs = (struct cache_dirs){
        .cache = find_cache(),
        .runtime = runtime && is_private_memory(runtime) ? mem_printf("%s/wasme", runtime) : NULL,
    };
}

void cache_dirs_release(struct cache_dirs *dirs)
{
    free(dirs->cache);
    free(dirs->runtime);
    *dirs = (struct cache_dirs){0};
}
