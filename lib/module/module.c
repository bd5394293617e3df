#include "module/module.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "module/extern.h"
#include "module/preamble.h"
#include "module/reader.h"

enum section_id { SECTION_CUSTOM = 0, SECTION_IMPORT = 2, SECTION_EXPORT = 7 };

/* The sections by id. All but custom ones come in the order of their ranks, each at most once
 * (5.5.16; the place of the tag section is from version 3.0). */
static const struct {
    const char *name;
    int rank;
} sections[] = {
    {"custom", 0}, {"type", 1},   {"import", 2},      {"function", 3}, {"table", 4},
    {"memory", 5}, {"global", 7}, {"export", 8},      {"start", 9},    {"element", 10},
    {"code", 12},  {"data", 13},  {"data count", 11}, {"tag", 6},
};

const char *module_section_name(uint8_t id)
{
    return id < COUNT(sections) ? sections[id].name : "unknown";
}

const char *module_kind_name(enum extern_kind kind)
{
    static const char *const names[] = {"func", "table", "memory", "global", "tag"};
    return (size_t)kind < COUNT(names) ? names[kind] : "unknown";
}

static void check_order(struct reader *reader, uint64_t start, uint8_t id, uint8_t *last)
{
    if (id >= COUNT(sections))
        reader_damaged(reader, start, "unknown section %u", id);
    else if (id == *last && id != SECTION_CUSTOM)
        reader_damaged(reader, start, "a second %s section", sections[id].name);
    else if (id != SECTION_CUSTOM && sections[id].rank < sections[*last].rank)
        reader_damaged(reader, start, "the %s section stands behind the %s section",
                       sections[id].name, sections[*last].name);
    if (id != SECTION_CUSTOM)
        *last = id;
}

static struct module_section *add_section(struct module *out, uint8_t id)
{
    size_t count = out->section_count;
    if ((count & (count - 1)) == 0) /* doubles at the powers of two */
        out->sections = mem_resize(out->sections, count ? 2 * count : 1, sizeof(*out->sections));
    struct module_section *section = &out->sections[out->section_count++];
    *section = (struct module_section){.id = id};
    return section;
}

static void read_contents(struct reader *reader, struct module *out, struct module_section *section)
{
    if (section->id == SECTION_CUSTOM)
        section->name = reader_name(reader);
    else if (section->id == SECTION_IMPORT)
        extern_read_imports(reader, out);
    else if (section->id == SECTION_EXPORT)
        extern_read_exports(reader, out);
}

/* Reads one section, or passes over one that holds nothing of interest. */
static void read_section(struct reader *reader, struct module *out, uint8_t *last)
{
    uint64_t start = reader->at;
    uint8_t id = reader_byte(reader);
    check_order(reader, start, id, last);
    uint32_t size = reader_u32(reader);
    if (size > reader_left(reader))
        reader_damaged(reader, start,
                       "the %s section says %" PRIu32 " bytes, but the file has %" PRIu64 " more",
                       module_section_name(id), size, reader_left(reader));
    if (out->section_count >= MODULE_MAX_SECTIONS)
        reader_damaged(reader, start, "more than %d sections", MODULE_MAX_SECTIONS);
    if (reader_failed(reader))
        return;
    struct module_section *section = add_section(out, id);
    section->offset = reader->at;
    section->size = size;
    reader->end = section->offset + size;
    read_contents(reader, out, section);
    reader->at = section->offset + size;
    reader->end = reader->size;
}

static int read_all(struct reader *reader, struct module *out)
{
    AUTO(module_release) struct module module = {.size = reader->size};
    uint8_t last = SECTION_CUSTOM;
    if (!reader_failed(reader))
        preamble_read(reader);
    while (!reader_failed(reader) && reader_left(reader))
        read_section(reader, &module, &last);
    if (reader_failed(reader))
        return reader->rc;
    *out = module;
    module = (struct module){0};
    return 0;
}

int module_read(int fd, const char *shown, struct module *out, struct err *err)
{
    struct reader reader;
    reader_init_fd(&reader, fd, shown, err);
    return read_all(&reader, out);
}

int module_read_bytes(const void *data, size_t len, const char *shown, struct module *out,
                      struct err *err)
{
    struct reader reader;
    reader_init_bytes(&reader, data, len, shown, err);
    return read_all(&reader, out);
}

void module_release(struct module *module)
{
    for (size_t i = 0; i < module->section_count; i++)
        free(module->sections[i].name);
    for (size_t i = 0; i < module->import_count; i++) {
        free(module->imports[i].module);
        free(module->imports[i].name);
    }
    for (size_t i = 0; i < module->export_count; i++)
        free(module->exports[i].name);
    free(module->sections);
    free(module->imports);
    free(module->exports);
    *module = (struct module){0};
}
