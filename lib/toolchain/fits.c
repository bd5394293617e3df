#include "toolchain/fits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), end = strlen(suffix);
    return len > end && strcmp(name + len - end, suffix) == 0;
}

static bool ends_with_any(const char *name, const char *const *suffixes)
{
    while (*suffixes && !ends_with(name, *suffixes))
        suffixes++;
    return *suffixes != NULL;
}

bool fits_has(const char *folder, const char *name)
{
    AUTO_FREE char *path = mem_printf("%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

char *fits_find(const char *folder, const char *const *suffixes)
{
    AUTO(dir_close_at) DIR *dir = opendir(folder);
    AUTO_FREE char *first = NULL;
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || !ends_with_any(entry->d_name, suffixes) ||
            (first && strcmp(first, entry->d_name) <= 0))
            continue;
        AUTO_FREE char *path = mem_printf("%s/%s", folder, entry->d_name);
        if (!file_is_regular(path))
            continue;
        free(first);
        first = mem_dup(entry->d_name);
    }
    return STEAL(first);
}

/* A file is taken by its first bytes, whatever its name; a name alone is enough when the bytes are
 * others, so that the error is about them. */
char *fits_precompiled(const struct fit_request *request)
{
    static const char magic[4] = {'\0', 'a', 's', 'm'};
    char found[sizeof(magic)] = "";
    if (request->is_folder)
        return NULL;
    AUTO_CLOSE int fd = open(request->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool is_wasm = fd >= 0 && read(fd, found, sizeof(found)) == (ssize_t)sizeof(found) &&
                   memcmp(found, magic, sizeof(found)) == 0;
    if (!is_wasm && !ends_with(request->source, ".wasm"))
        return NULL;
    return mem_dup(is_wasm ? "the file is a finished module" : "the file is named .wasm");
}

char *fits_cargo(const struct fit_request *request)
{
    bool fits = request->is_folder && fits_has(request->source, "Cargo.toml");
    return fits ? mem_dup("the folder has a Cargo.toml") : NULL;
}

char *fits_assemblyscript(const struct fit_request *request)
{
    bool fits = request->is_folder && fits_has(request->source, "package.json") &&
                fits_has(request->source, "assembly");
    return fits ? mem_dup("the folder has a package.json and a folder assembly") : NULL;
}
