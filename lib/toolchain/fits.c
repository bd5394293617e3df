#include "toolchain/fits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
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
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
            !ends_with_any(entry->d_name, suffixes) || (first && strcmp(first, entry->d_name) <= 0))
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

/* A C file beside Go files belongs to their package. Sources may stand in src/, too. */
char *fits_c(const struct fit_request *request)
{
    static const char *const c[] = {".c", ".cc", ".cpp", ".cxx", NULL};
    static const char *const go[] = {".go", NULL};
    const char *source = request->source;
    if (!request->is_folder)
        return ends_with_any(source, c) ? mem_dup("the file is named as one of C or C++") : NULL;
    AUTO_FREE char *file = fits_find(source, c);
    AUTO_FREE char *other = fits_find(source, go);
    if (file)
        return other ? NULL : mem_printf("the folder has C or C++ files, as %s", file);
    AUTO_FREE char *below = mem_printf("%s/src", source);
    AUTO_FREE char *in_src = fits_find(below, c);
    return in_src ? mem_printf("the folder has C or C++ files, as src/%s", in_src) : NULL;
}
