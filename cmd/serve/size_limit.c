#include "cmd/serve/size_limit.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir.h"
#include "base/mem.h"
#include "cmd/log.h"
#include "cmd/table.h"
#include "image/gateway.h"

bool size_limit_exceeds(long long bytes)
{
    return bytes > GATEWAY_SERVED_MAX;
}

void size_limit_warn(const char *name, long long bytes)
{
    char size[32];
    if (!size_limit_exceeds(bytes))
        return;
    table_size(bytes, size);
    AUTO_FREE char *what =
        mem_printf("%s is too large for Envoy's remote code. " SIZE_LIMIT_WORDS, name);
    log_warning(what, "size", size, NULL);
}

void size_limit_warn_folder(int fd)
{
    AUTO(dir_close_at) DIR *folder = dir_open(fd, ".");
    const struct dirent *item;
    int warned = 0;
    for (int i = 0; folder && i < SIZE_LIMIT_FILES && (item = readdir(folder)); i++) {
        struct stat info;
        size_t len = strlen(item->d_name);
        if (item->d_name[0] == '.' || len < 6 || strcmp(item->d_name + len - 5, ".wasm") != 0 ||
            fstatat(fd, item->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode) ||
            !size_limit_exceeds(info.st_size))
            continue;
        size_limit_warn(item->d_name, info.st_size);
        if (++warned == SIZE_LIMIT_WARNINGS)
            return;
    }
}
