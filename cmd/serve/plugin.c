#include "cmd/serve/plugin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool plugin_path_parse(const char *path, struct plugin_path *out)
{
    static const char top[] = "/plugins/", wasm[] = "/plugin.wasm", metadata[] = "/metadata.txt";
    *out = (struct plugin_path){0};
    if (strncmp(path, top, sizeof(top) - 1) != 0)
        return false;
    const char *name = path + sizeof(top) - 1;
    const char *last = strrchr(name, '/');
    if (!last || (strcmp(last, wasm) != 0 && strcmp(last, metadata) != 0))
        return false;
    const char *slash = memrchr(name, '/', (size_t)(last - name));
    if (!slash || slash == name || slash + 1 == last)
        return false;
    out->name = mem_dup_n(name, (size_t)(slash - name));
    out->version = mem_dup_n(slash + 1, (size_t)(last - slash - 1));
    out->metadata = strcmp(last, metadata) == 0;
    return true;
}

void plugin_path_release(struct plugin_path *path)
{
    free(path->name);
    free(path->version);
    *path = (struct plugin_path){0};
}

/* How a name is that of an image. */
enum fit { FIT_NONE, FIT_LAST, FIT_PATH, FIT_WHOLE };

static enum fit fit_of(const char *name, const char *whole)
{
    const char *host = strchr(whole, '/'), *last = strrchr(whole, '/');
    if (strcmp(name, whole) == 0)
        return FIT_WHOLE;
    if (host && strcmp(name, host + 1) == 0)
        return FIT_PATH;
    return last && strcmp(name, last + 1) == 0 ? FIT_LAST : FIT_NONE;
}

const struct catalogue_item *plugin_find(const struct catalogue *catalogue,
                                         const struct plugin_path *path, bool *several,
                                         struct buf *names)
{
    const struct catalogue_item *found = NULL;
    enum fit best = FIT_NONE;
    *several = false;
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct catalogue_item *item = &catalogue->items[i];
        enum fit fit = strcmp(item->row->tag, path->version) == 0
                           ? fit_of(path->name, item->row->name)
                           : FIT_NONE;
        if (fit == FIT_NONE || fit < best)
            continue;
        if (names && fit > best)
            buf_clear(names);
        *several = fit == best;
        best = fit;
        found = item;
        if (names)
            buf_printf(names, "%s\n", item->row->ref);
    }
    return *several ? NULL : found;
}

/* As Python's isoformat() writes a time without a zone. */
static void put_time(struct buf *out, const char *label, time_t when)
{
    struct tm parts;
    char text[32] = "";
    if (gmtime_r(&when, &parts))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    buf_printf(out, "%s: %s\n", label, text);
}

void plugin_metadata(const char *name, long long size, time_t modified, const char *md5,
                     struct buf *out)
{
    buf_printf(out, "Plugin Name: %s\nSize: %lld bytes\n", name, size);
    put_time(out, "Last Modified", modified);
    put_time(out, "Created", modified);
    buf_printf(out, "MD5: %s\n", md5);
}
