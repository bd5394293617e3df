#include "module/module.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/code_section.h"
#include "module/definition.h"
#include "module/extern.h"
#include "module/preamble.h"
#include "module/reader.h"
#include "module/segment.h"
#include "module/type_section.h"

enum section_id {
    SECTION_CUSTOM = 0,
    SECTION_TYPE = 1,
    SECTION_IMPORT = 2,
    SECTION_FUNCTION = 3,
    SECTION_TABLE = 4,
    SECTION_MEMORY = 5,
    SECTION_GLOBAL = 6,
    SECTION_EXPORT = 7,
    SECTION_START = 8,
    SECTION_ELEMENT = 9,
    SECTION_CODE = 10,
    SECTION_DATA = 11,
    SECTION_DATA_COUNT = 12,
    SECTION_TAG = 13,
};

/* The sections by id, and how each is read. All but custom ones come in the order of their ranks,
 * each at most once (5.5.16; the place of the tag section is from version 3.0). */
static const struct {
    const char *name;
    int rank;
    void (*read)(struct reader *reader, struct module *out);
} sections[] = {
    [SECTION_CUSTOM] = {"custom", 0, NULL},
    [SECTION_TYPE] = {"type", 1, type_section_read},
    [SECTION_IMPORT] = {"import", 2, extern_read_imports},
    [SECTION_FUNCTION] = {"function", 3, definition_read_functions},
    [SECTION_TABLE] = {"table", 4, definition_read_tables},
    [SECTION_MEMORY] = {"memory", 5, definition_read_memories},
    [SECTION_TAG] = {"tag", 6, definition_read_tags},
    [SECTION_GLOBAL] = {"global", 7, definition_read_globals},
    [SECTION_EXPORT] = {"export", 8, extern_read_exports},
    [SECTION_START] = {"start", 9, definition_read_start},
    [SECTION_ELEMENT] = {"element", 10, segment_read_elements},
    [SECTION_DATA_COUNT] = {"data count", 11, definition_read_data_count},
    [SECTION_CODE] = {"code", 12, code_section_read},
    [SECTION_DATA] = {"data", 13, segment_read_data},
};

const char *module_section_name(uint8_t id)
{
    return id < COUNT(sections) ? sections[id].name : "unknown";
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
    out->sections = mem_grow(out->sections, out->section_count, sizeof(*out->sections));
    struct module_section *section = &out->sections[out->section_count++];
    *section = (struct module_section){.id = id};
    return section;
}

static void read_contents(struct reader *reader, struct module *out, struct module_section *section)
{
    if (section->id != SECTION_CUSTOM) {
        sections[section->id].read(reader, out);
        return;
    }
    section->name = reader_name(reader);
    if (section->name && strcmp(section->name, "linking") == 0)
        out->relocatable = true;
}

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

/* What the sections say together, the missing ones as well. */
static void check_whole(struct reader *reader, struct module *out, bool has_data)
{
    size_t wanted = out->func_count - out->imported_funcs;
    if (out->body_count != wanted)
        reader_damaged(reader, reader->size, "no code section for %zu functions", wanted);
    if (!has_data && out->data_count)
        reader_damaged(reader, reader->size, "no data section, where the data count is %zu",
                       out->data_count);
    if (out->table_count > 1)
        out->features |= 1u << FEATURE_REFERENCE_TYPES;
    if (out->memory_count > 1)
        out->features |= 1u << FEATURE_MULTI_MEMORY;
    /* Both proposals for exceptions have tags. */
    if (out->tag_count && !(out->features & 1u << FEATURE_LEGACY_EXCEPTIONS))
        out->features |= 1u << FEATURE_EXCEPTIONS;
}

int module_read(int fd, const char *shown, struct module *out, struct err *err)
{
    AUTO(reader_release) struct reader reader;
    AUTO(module_release) struct module module = {0};
    uint8_t last = SECTION_CUSTOM;
    reader_init_fd(&reader, fd, shown, err);
    module.size = reader.size;
    if (!reader_failed(&reader))
        preamble_read(&reader);
    while (!reader_failed(&reader) && reader_left(&reader))
        read_section(&reader, &module, &last);
    if (!reader_failed(&reader))
        check_whole(&reader, &module, last == SECTION_DATA);
    if (reader_failed(&reader))
        return reader.rc;
    *out = module;
    module = (struct module){0};
    return 0;
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
    for (size_t i = 0; i < module->type_count; i++)
        free((void *)module->types[i].values);
    free(module->sections);
    free(module->imports);
    free(module->exports);
    free(module->types);
    free(module->funcs);
    free(module->tables);
    free(module->memories);
    free(module->globals);
    free(module->tags);
    free(module->elements);
    free(module->declared);
    free(module->bodies);
    *module = (struct module){0};
}
