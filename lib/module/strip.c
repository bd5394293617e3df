#include "module/strip.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"

#define PREAMBLE_LEN 8
#define CHUNK (128 * 1024) /* bytes that are copied at once */

/* A name that ends in '*' stands for all names that begin so. */
static const char *const dropped[] = {
    "name",    "producers", ".debug_*", "sourceMappingURL", "external_debug_info",
    "linking", "reloc.*",
};

static bool matches(const char *pattern, const char *name)
{
    size_t len = strcspn(pattern, "*");
    return strncmp(name, pattern, len) == 0 && (pattern[len] == '*' || !name[len]);
}

bool strip_drops(const struct module_section *section)
{
    for (size_t i = 0; section->name && i < COUNT(dropped); i++) {
        if (matches(dropped[i], section->name))
            return true;
    }
    return false;
}

/* Sections stand without gaps, so the header of each begins where the one before it ends. */
static uint64_t section_end(const struct module_section *section)
{
    return section->offset + section->size;
}

uint64_t strip_size(const struct module *module)
{
    uint64_t size = PREAMBLE_LEN, start = PREAMBLE_LEN;
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        if (!strip_drops(section))
            size += section_end(section) - start;
        start = section_end(section);
    }
    return size;
}

/* Copies the bytes from `at` up to `end`. */
static int copy_range(int from, uint64_t at, uint64_t end, int to, const char *shown,
                      struct err *err)
{
    AUTO_FREE uint8_t *chunk = at < end ? mem_alloc(CHUNK) : NULL;
    while (at < end) {
        int rc = stop_check(err);
        if (rc)
            return rc;
        size_t wanted = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        ssize_t got = pread(from, chunk, wanted, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, "read %s", shown);
        if (got == 0)
            return err_set(err, ERR_DAMAGED, "%s: the file became shorter while it was read",
                           shown);
        rc = file_write_all(to, chunk, (size_t)got, "the copy", err);
        if (rc)
            return rc;
        at += (uint64_t)got;
    }
    return 0;
}

/* Sections that stay are copied together with those beside them. */
int strip_copy(int from, const struct module *module, int to, const char *shown, struct err *err)
{
    uint64_t start = 0, end = PREAMBLE_LEN;
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        if (strip_drops(section)) {
            int rc = copy_range(from, start, end, to, shown, err);
            if (rc)
                return rc;
            start = section_end(section);
        }
        end = section_end(section);
    }
    return copy_range(from, start, end, to, shown, err);
}
