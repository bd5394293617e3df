#include "git/modules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "git/libgit2.h"

#define SECTION "submodule."

static struct module_entry *entry_of(struct modules *modules, const char *name, size_t len)
{
    for (size_t i = 0; i < modules->count; i++)
        if (strlen(modules->items[i].name) == len && memcmp(modules->items[i].name, name, len) == 0)
            return &modules->items[i];
    modules->items = mem_grow(modules->items, modules->count, sizeof(*modules->items));
    struct module_entry *entry = &modules->items[modules->count++];
    *entry = (struct module_entry){.name = mem_dup_n(name, len)};
    return entry;
}

/* Takes submodule.NAME.path and submodule.NAME.url; NAME may hold dots. */
static int take(const git_config_entry *from, void *arg)
{
    const char *last = strrchr(from->name, '.');
    const char *name = from->name + strlen(SECTION);
    if (strncmp(from->name, SECTION, strlen(SECTION)) != 0 || last < name || !from->value)
        return 0;
    struct module_entry *entry = entry_of(arg, name, (size_t)(last - name));
    char **member = strcmp(last, ".path") == 0  ? &entry->path
                    : strcmp(last, ".url") == 0 ? &entry->url
                                                : NULL;
    if (member) {
        free(*member);
        *member = mem_dup(from->value);
    }
    return 0;
}

/* libgit2 would read the files that such a section names, wherever they are. */
static int refuse_includes(const char *path, struct err *err)
{
    AUTO(buf_release) struct buf text = BUF_INIT(MODULES_FILE_MAX);
    int rc = file_read(AT_FDCWD, path, ".gitmodules", &text, err);
    if (rc)
        return rc;
    if (strlen(buf_text(&text)) != text.len || strcasestr(buf_text(&text), "[include"))
        return err_set(err, ERR_DAMAGED, ".gitmodules has a section \"include\", or is no text");
    return 0;
}

int modules_read(const char *folder, struct modules *out, struct err *err)
{
    AUTO(modules_release) struct modules modules = {0};
    AUTO_FREE char *path = mem_printf("%s/.gitmodules", folder);
    if (access(path, F_OK) != 0)
        return 0;
    int rc = refuse_includes(path, err);
    if (rc)
        return rc;
    git_config *config = NULL;
    int code = lib_config_open_ondisk(&config, path);
    if (!code)
        code = lib_config_foreach(config, take, &modules);
    if (code)
        rc = libgit2_fail(err, code, "read .gitmodules");
    lib_config_free(config);
    if (rc)
        return rc;
    *out = modules;
    modules = (struct modules){0};
    return 0;
}

const char *modules_url(const struct modules *modules, const char *path)
{
    for (size_t i = 0; i < modules->count; i++)
        if (modules->items[i].path && strcmp(modules->items[i].path, path) == 0)
            return modules->items[i].url;
    return NULL;
}

void modules_release(struct modules *modules)
{
    for (size_t i = 0; i < modules->count; i++) {
        free(modules->items[i].name);
        free(modules->items[i].path);
        free(modules->items[i].url);
    }
    free(modules->items);
    *modules = (struct modules){0};
}
