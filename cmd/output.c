#include "cmd/output.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/settings.h"

/* The folder of a path. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_dup(".");
    return slash == path ? mem_dup("/") : mem_dup_n(path, (size_t)(slash - path));
}

int output_open(struct output *output, const char *path, struct err *err)
{
    struct stat info;
    bool to_stdout = strcmp(path, "-") == 0;
    AUTO_FREE char *folder = to_stdout ? mem_dup(settings_tmp()) : folder_of(path);
    if (!*path)
        return err_set(err, ERR_USAGE, "--output has an empty name");
    if (!to_stdout && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return err_set(err, ERR_USAGE, "--output %s: a folder is there: name a file in it", path);
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return err_set(err, ERR_FAILED, "--output %s: there is no folder %s", path, folder);
    output->path = path;
    output->is_stdout = to_stdout;
    return store_open(folder, &output->folder, err);
}

int output_take(const struct output *output, struct store_file *file, struct err *err)
{
    if (!output->is_stdout)
        return store_file_publish(file, output->path, err);
    int fd = store_file_fd(file);
    int rc = file_copy(fd, STDOUT_FILENO, err);
    return rc ? err_wrap(err, "standard output") : 0;
}

void output_release(struct output *output)
{
    store_close(output->folder);
}
