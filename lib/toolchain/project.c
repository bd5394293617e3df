#include "toolchain/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

int project_check_folder(const char *source, struct err *err)
{
    struct stat info;
    if (stat(source, &info) != 0)
        return err_errno(err, "source %s", source);
    if (S_ISDIR(info.st_mode))
        return 0;
    size_t len = strlen(source);
    if (len > 5 && strcmp(source + len - 5, ".wasm") == 0)
        return err_set(err, ERR_FAILED,
                       "source %s is a finished module: use `wasme build precompiled`", source);
    return err_set(err, ERR_FAILED, "source %s is not a folder: name the folder that it stands in",
                   source);
}

char *project_find_up(const char *folder, const char *name)
{
    AUTO_FREE char *at = realpath(folder, NULL);
    while (at) {
        AUTO_FREE char *path = mem_printf("%s/%s", strcmp(at, "/") == 0 ? "" : at, name);
        if (access(path, F_OK) == 0)
            return STEAL(path);
        char *slash = strrchr(at, '/');
        if (!slash || at[1] == '\0')
            return NULL;
        slash[slash == at ? 1 : 0] = '\0';
    }
    return NULL;
}

char *project_read(const char *path)
{
    AUTO(buf_release) struct buf text = BUF_INIT(PROJECT_FILE_MAX);
    return file_read(AT_FDCWD, path, NULL, &text, ERR_IGNORED) ? NULL : buf_steal(&text);
}
