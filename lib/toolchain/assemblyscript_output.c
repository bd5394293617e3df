#include "toolchain/assemblyscript_output.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"

#define NAMES_MAX 4096

struct module_file {
    char *path; /* owned; relative to the folder */
    struct stat info;
};

void module_files_release(struct module_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct module_files){0};
}

static bool is_module(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".wasm") == 0;
}

static void walk(const char *folder, const char *below, int depth, struct module_files *out)
{
    AUTO_FREE char *path = mem_printf("%s/%s", folder, below);
    AUTO(dir_close_at) DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && out->count < MODULE_FILES_MAX && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0)
            continue;
        struct stat info;
        AUTO_FREE char *name = mem_printf("%s%s%s", below, *below ? "/" : "", entry->d_name);
        AUTO_FREE char *file = mem_printf("%s/%s", folder, name);
        if (lstat(file, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode) && depth < MODULE_DEPTH_MAX)
            walk(folder, name, depth + 1, out);
        if (!S_ISREG(info.st_mode) || !is_module(name))
            continue;
        out->items = mem_grow(out->items, out->count, sizeof(*out->items));
        out->items[out->count++] = (struct module_file){STEAL(name), info};
    }
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct module_file *)a)->path, ((const struct module_file *)b)->path);
}

void module_files_list(const char *folder, struct module_files *out)
{
    walk(folder, "", 0, out);
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), by_path);
}

static bool is_among(const struct module_files *files, const struct module_file *file)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].path, file->path) == 0)
            return file_is_same(&files->items[i].info, &file->info);
    }
    return false;
}

static bool is_optimized(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strcmp(name, "release.wasm") == 0 || strcmp(name, "optimized.wasm") == 0;
}

struct choice {
    const struct module_file *written, *optimized;
    size_t count, optimized_count;
    struct buf names;
};

static void choose(const struct module_files *before, const struct module_files *after,
                   struct choice *choice)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct module_file *file = &after->items[i];
        if (is_among(before, file))
            continue;
        buf_printf(&choice->names, "%s%s", choice->count++ ? ", " : "", file->path);
        choice->written = file;
        if (!is_optimized(file->path))
            continue;
        choice->optimized = file;
        choice->optimized_count++;
    }
}

static int refuse(const char *folder, const char *what, const struct choice *choice,
                  struct err *err)
{
    if (choice->count)
        return err_set(err, ERR_FAILED,
                       "%s wrote %zu modules, %s: add the one that you want with `wasme build "
                       "precompiled`, or give package.json a script asbuild:release that writes "
                       "one",
                       what, choice->count, buf_text(&choice->names));
    return err_set(err, ERR_FAILED,
                   "%s ended well but wrote no .wasm file in %s: if the script writes the file "
                   "elsewhere, add that with `wasme build precompiled`",
                   what, folder);
}

int module_files_find(const char *folder, const struct module_files *before, const char *what,
                      const struct notice *notice, char **path, struct err *err)
{
    AUTO(module_files_release) struct module_files after = {0};
    struct choice choice = {.names = BUF_INIT(NAMES_MAX)};
    module_files_list(folder, &after);
    choose(before, &after, &choice);
    const struct module_file *file = choice.count == 1             ? choice.written
                                     : choice.optimized_count == 1 ? choice.optimized
                                                                   : NULL;
    int rc = file ? 0 : refuse(folder, what, &choice, err);
    if (file && choice.count > 1)
        notice_say(notice, NOTICE_INFO, "of the modules %.400s the image gets %.200s",
                   buf_text(&choice.names), file->path);
    if (file)
        *path = mem_printf("%s/%s", folder, file->path);
    buf_release(&choice.names);
    return rc;
}
