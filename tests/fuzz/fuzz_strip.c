/* Any bytes: the strip of what is a module is a module again, with the same sections but those that
 * go, byte for byte; nothing is left to strip; paths can be counted. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "module/mention.h"
#include "module/module.h"
#include "module/strip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int new_file(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        abort();
    return fd;
}

/* The section without its header is in both files, and a custom section has the same name. */
static void compare(const uint8_t *old, const struct module_section *a, const uint8_t *new,
                    const struct module_section *b)
{
    if (a->id != b->id || a->size != b->size || !mem_same_text(a->name, b->name) ||
        memcmp(old + a->offset, new + b->offset, a->size) != 0)
        abort();
}

static void compare_all(const uint8_t *old, const struct module *before, const uint8_t *new,
                        const struct module *after)
{
    size_t at = 0;
    for (size_t i = 0; i < before->section_count; i++) {
        if (strip_drops(&before->sections[i]))
            continue;
        if (at >= after->section_count)
            abort();
        compare(old, &before->sections[i], new, &after->sections[at++]);
    }
    if (at != after->section_count || strip_size(after) != after->size ||
        strip_size(before) != after->size || before->features != after->features ||
        before->func_count != after->func_count || before->export_count != after->export_count)
        abort();
}

static void strip(const uint8_t *data, int fd, const struct module *module)
{
    AUTO(module_release) struct module after = {0};
    AUTO_CLOSE int to = new_file("stripped");
    if (strip_copy(fd, module, to, "fuzz", ERR_IGNORED) != 0)
        abort();
    size_t len = (size_t)strip_size(module);
    AUTO_FREE uint8_t *bytes = mem_alloc(len);
    if (pread(to, bytes, len, 0) != (ssize_t)len || lseek(to, 0, SEEK_END) != (off_t)len)
        abort();
    if (module_read(to, "fuzz", &after, ERR_IGNORED) != 0)
        abort();
    compare_all(data, module, bytes, &after);
}

static void count(int fd, const struct module *module)
{
    static const char *const folders[] = {"/home/a", "/src", "/home/a/b", NULL};
    struct mentions mentions;
    if (module_mentions(fd, module, folders, &mentions, ERR_IGNORED) != 0 ||
        (mentions.dropped + mentions.data) * strlen("/src") > module->size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    AUTO_CLOSE int fd = new_file("module");
    if (size && pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    if (module_read(fd, "fuzz", &module, ERR_IGNORED) != 0)
        return 0;
    strip(data, fd, &module);
    count(fd, &module);
    return 0;
}
