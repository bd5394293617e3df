/* Whether the segments of data and elements lie where there is room. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/trial.h"
#include "module/reader.h"

enum {
    SECTION_ELEMENT = 9,
    SECTION_DATA = 11,
    OPCODE_I32_CONST = 0x41,
    OPCODE_I64_CONST = 0x42,
    OPCODE_END = 0x0b,
};

static void enter(struct reader *reader, const struct module_section *section)
{
    reader->at = section->offset;
    reader->end = section->offset + section->size;
}

/* --- Segments --- */

/* Reads the offset of a segment; false: it is no constant. */
static bool read_offset(struct reader *reader, bool wide, uint64_t *out)
{
    if (reader_byte(reader) != (wide ? OPCODE_I64_CONST : OPCODE_I32_CONST))
        return false;
    int64_t value = reader_signed(reader, wide ? 64 : 32);
    *out = wide ? (uint64_t)value : (uint32_t)value;
    return reader_byte(reader) == OPCODE_END && !reader_failed(reader);
}

static void refuse_segment(const struct trial *trial, const char *what, const char *where,
                           uint64_t at, uint64_t count, uint64_t size)
{
    trial_refuse(trial,
                 mem_printf("a segment of %s lies outside its %s: %" PRIu64 " from %" PRIu64
                            " on, of %" PRIu64,
                            what, where, count, at, size),
                 trial_quote(trial->rules->words.instance, NULL),
                 mem_printf("raise the initial size of the %s in the linker's options", where));
}

static bool fits(uint64_t at, uint64_t count, uint64_t size)
{
    return at <= size && count <= size - at;
}

/* Looks at segments up to the first one whose offset is no constant. */
static void check_data(const struct trial *trial, struct reader *reader)
{
    uint32_t count = reader_u32(reader);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        uint32_t flags = reader_u32(reader);
        uint32_t memory = flags == 2 ? reader_u32(reader) : 0;
        bool active = flags != 1;
        uint64_t at = 0;
        if (active && (memory >= trial->module->memory_count ||
                       !read_offset(reader, trial->module->memories[memory].wide, &at)))
            return;
        uint32_t bytes = reader_u32(reader);
        const struct limits *limits = active ? &trial->module->memories[memory] : NULL;
        if (limits && limits->min < UINT64_MAX >> limits->page_bits &&
            !fits(at, bytes, limits->min << limits->page_bits)) {
            refuse_segment(trial, "data", "memory", at, bytes, limits->min << limits->page_bits);
            return;
        }
        reader_skip(reader, bytes);
    }
}

/* The same; segments of expressions end it too. */
static void check_elements(const struct trial *trial, struct reader *reader)
{
    uint32_t count = reader_u32(reader);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        uint32_t flags = reader_u32(reader);
        bool active = !(flags & 1);
        uint32_t table = active && flags & 2 ? reader_u32(reader) : 0;
        uint64_t at = 0;
        if (active && (table >= trial->module->table_count ||
                       !read_offset(reader, trial->module->tables[table].limits.wide, &at)))
            return;
        if (flags & 3)
            reader_byte(reader);
        uint32_t entries = reader_u32(reader);
        uint64_t size = active ? trial->module->tables[table].limits.min : 0;
        if (active && !reader_failed(reader) && !fits(at, entries, size)) {
            refuse_segment(trial, "elements", "table", at, entries, size);
            return;
        }
        if (flags & 4)
            return;
        for (uint32_t j = 0; j < entries && !reader_failed(reader); j++)
            reader_u32(reader);
    }
}

static void check_segments(const struct trial *trial, struct reader *reader)
{
    for (size_t i = 0; i < trial->module->section_count; i++) {
        const struct module_section *section = &trial->module->sections[i];
        bool elements = section->id == SECTION_ELEMENT && !trial->rules->lax_elements;
        if (section->id != SECTION_DATA && !elements)
            continue;
        enter(reader, section);
        if (section->id == SECTION_DATA)
            check_data(trial, reader);
        else
            check_elements(trial, reader);
    }
}

void trial_check_segments(const struct trial *trial)
{
    AUTO(reader_release) struct reader reader;
    struct err ignored = {.wordless = true};
    reader_init_fd(&reader, trial->fd, "the module", &ignored);
    if (!reader_failed(&reader))
        check_segments(trial, &reader);
}
