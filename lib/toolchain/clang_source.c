#include "toolchain/clang_source.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/mem.h"
#include "toolchain/fits.h"
#include "toolchain/project.h"

#define SDK_HEADER "proxy_wasm_intrinsics.h"
#define SDK_SOURCE "proxy_wasm_intrinsics.cc"
#define SDK_VARIABLE "PROXY_WASM_CPP_SDK"

static void list_add(struct clang_list *list, char *text)
{
    list->items = mem_resize(list->items, list->count + 2, sizeof(*list->items));
    list->items[list->count++] = text;
    list->items[list->count] = NULL;
}

static void list_release(struct clang_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct clang_list){0};
}

void clang_source_release(struct clang_source *source)
{
    free(source->folder);
    free(source->sdk);
    list_release(&source->files);
    list_release(&source->flags);
    *source = (struct clang_source){0};
}

static bool has_ending(const char *name, const char *ending)
{
    size_t len = strlen(name), end = strlen(ending);
    return len > end && strcmp(name + len - end, ending) == 0;
}

static bool is_cxx(const char *name)
{
    static const char *const endings[] = {".cc", ".cpp", ".cxx", ".c++"};
    for (size_t i = 0; i < COUNT(endings); i++)
        if (has_ending(name, endings[i]))
            return true;
    return false;
}

static bool is_source(const char *name)
{
    return name[0] != '.' && (has_ending(name, ".c") || is_cxx(name));
}

static bool is_test(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot - name > 5 && strncmp(dot - 5, "_test", 5) == 0;
}

/* A name that the compiler would take for a flag, or for a file of flags, gets a folder. */
static char *as_argument(const char *below, const char *name)
{
    bool plain = *below || (name[0] != '-' && name[0] != '@');
    return mem_printf("%s%s%s", plain ? below : ".", plain && !*below ? "" : "/", name);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_file(struct clang_source *source, const char *below, const char *name)
{
    list_add(&source->files, as_argument(below, name));
    source->cxx += is_cxx(name);
}

/* Adds the files of the folder, or of its folder `below`, in the order of their names. */
static void add_folder(struct clang_source *source, const char *below, const struct notice *notice)
{
    AUTO_FREE char *path = mem_printf("%s/%s", source->folder, below);
    AUTO(dir_close_at) DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && source->files.count < CLANG_SOURCES_MAX && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        AUTO_FREE char *file = mem_printf("%s/%s", path, name);
        if (!is_source(name) || !file_is_regular(file))
            continue;
        if (is_test(name))
            notice_say(notice, NOTICE_INFO, "%.200s is left out: its name is that of a test", name);
        else
            add_file(source, below, name);
    }
    if (source->files.count)
        qsort(source->files.items, source->files.count, sizeof(char *), by_text);
}

static int refuse_empty(const char *source, const char *folder, struct err *err)
{
    static const char *const others[] = {"Makefile", "CMakeLists.txt", "BUILD", "BUILD.bazel",
                                         "meson.build"};
    for (size_t i = 0; i < COUNT(others); i++) {
        AUTO_FREE char *path = mem_printf("%s/%s", folder, others[i]);
        if (access(path, F_OK) == 0)
            return err_set(err, ERR_NOT_FOUND,
                           "source %s: no C or C++ file there or in src/; it has a %s: build with "
                           "that, and add the result with `wasme build precompiled`",
                           source, others[i]);
    }
    return err_set(err, ERR_NOT_FOUND,
                   "source %s: no C or C++ file there or in src/: name the folder with the "
                   "filter's .c, .cc or .cpp files, or one such file",
                   source);
}

static int find_files(const char *path, const struct notice *notice, struct clang_source *source,
                      struct err *err)
{
    struct stat info;
    const char *slash = strrchr(path, '/');
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && is_source(slash ? slash + 1 : path)) {
        source->folder =
            slash ? mem_dup_n(path, (size_t)(slash - path) + (slash == path)) : mem_dup(".");
        add_file(source, "", slash ? slash + 1 : path);
        return 0;
    }
    int rc = project_check_folder(path, err);
    if (rc)
        return rc;
    source->folder = mem_dup(path);
    add_folder(source, "", notice);
    if (!source->files.count)
        add_folder(source, "src", notice);
    return source->files.count ? 0 : refuse_empty(path, source->folder, err);
}

/* A C file beside Go files belongs to their package. */
char *clang_source_fits(const struct fit_request *request)
{
    static const char *const go[] = {".go", NULL};
    AUTO(clang_source_release) struct clang_source found = {0};
    if (find_files(request->source, NULL, &found, ERR_IGNORED))
        return NULL;
    if (!request->is_folder)
        return mem_dup("the file is named as one of C or C++");
    const char *first = found.files.items[0];
    AUTO_FREE char *other = fits_find(request->source, go);
    return other && strncmp(first, "src/", 4) != 0
               ? NULL
               : mem_printf("the folder has C or C++ files, as %s", first);
}

static void read_flags(struct clang_source *source)
{
    AUTO_FREE char *path = mem_printf("%s/compile_flags.txt", source->folder);
    AUTO_FREE char *text = project_read(path);
    for (const char *line = text; line && *line; line += strcspn(line, "\n"), line += *line != 0) {
        const char *start = line + strspn(line, " \t\r");
        size_t len = strcspn(start, "\r\n");
        while (len && strchr(" \t", start[len - 1]))
            len--;
        if (len && *start != '#' && source->flags.count < CLANG_SOURCES_MAX)
            list_add(&source->flags, mem_dup_n(start, len));
    }
}

static bool includes_sdk(const struct clang_source *source)
{
    bool found = false;
    for (size_t i = 0; i < source->files.count && !found; i++) {
        AUTO_FREE char *path = mem_printf("%s/%s", source->folder, source->files.items[i]);
        AUTO_FREE char *text = project_read(path);
        found = text && strstr(text, SDK_HEADER);
    }
    return found;
}

/* Takes the folder when it has the SDK's header. `folder` is as the compiler sees it. */
static bool take_sdk(struct clang_source *source, const char *folder)
{
    bool absolute = folder[0] == '/';
    AUTO_FREE char *header = mem_printf("%s%s%s/" SDK_HEADER, absolute ? "" : source->folder,
                                        absolute ? "" : "/", folder);
    if (!source->sdk && access(header, R_OK) == 0)
        source->sdk = mem_dup(folder);
    return source->sdk != NULL;
}

static void find_in_flags(struct clang_source *source, const char *const *flags)
{
    for (; flags && *flags && !source->sdk; flags++) {
        const char *folder = strncmp(*flags, "-I", 2) == 0 ? *flags + 2 : NULL;
        if (folder && !*folder)
            folder = flags[1];
        if (folder && *folder)
            source->sdk_in_flags = take_sdk(source, folder);
    }
}

/* Finds the SDK in a folder of the folder, as a submodule or a copy is. */
static void find_below(struct clang_source *source, const char *below)
{
    AUTO_FREE char *path = mem_printf("%s/%s", source->folder, below);
    AUTO(dir_close_at) DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && !source->sdk && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        AUTO_FREE char *folder = mem_printf("./%s%s%s", below, *below ? "/" : "", entry->d_name);
        (void)take_sdk(source, folder);
    }
}

static bool has_intrinsics(const struct clang_source *source, const char *const *flags)
{
    for (size_t i = 0; i < source->files.count; i++)
        if (has_ending(source->files.items[i], "/" SDK_SOURCE) ||
            strcmp(source->files.items[i], SDK_SOURCE) == 0)
            return true;
    for (; flags && *flags; flags++)
        if (has_ending(*flags, SDK_SOURCE))
            return true;
    return false;
}

static int find_sdk(struct clang_source *source, const char *const *flags,
                    char *(*variable)(const char *name), struct err *err)
{
    static const char *const folders[] = {"", "third_party", "vendor", "external", "deps"};
    if (!includes_sdk(source))
        return 0;
    (void)take_sdk(source, ".");
    find_in_flags(source, flags);
    find_in_flags(source, (const char *const *)source->flags.items);
    for (size_t i = 0; i < COUNT(folders) && !source->sdk; i++)
        find_below(source, folders[i]);
    const char *named = variable ? variable(SDK_VARIABLE) : NULL;
    if (!source->sdk && named && named[0] == '/')
        (void)take_sdk(source, named);
    if (!source->sdk)
        return err_set(
            err, ERR_NOT_FOUND,
            "source %s includes " SDK_HEADER ", and the proxy-wasm C++ SDK is not in "
            "it: get it from https://github.com/proxy-wasm/proxy-wasm-cpp-sdk, and set " SDK_VARIABLE
            " to its absolute path or name it behind -- with -I",
            source->folder);
    source->add_intrinsics = !has_intrinsics(source, flags);
    return 0;
}

int clang_source_open(const char *source, const char *const *flags,
                      char *(*variable)(const char *name), const struct notice *notice,
                      struct clang_source *out, struct err *err)
{
    int rc = find_files(source, notice, out, err);
    if (rc)
        return rc;
    read_flags(out);
    return find_sdk(out, flags, variable, err);
}
