/* The names in a module: those of debuggers, which some hosts read as well, and odd ones. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "module/host/trial.h"
#include "module/reader.h"

enum { NAMES_OF_MODULE, NAMES_OF_FUNCTIONS, NAMES_OF_LOCALS };

static void read_name(struct reader *reader, bool strict)
{
    uint32_t len = reader_u32(reader);
    if (strict && len <= MODULE_MAX_BODY && len <= reader_left(reader)) {
        const uint8_t *text = reader_view(reader, len);
        if (text && !utf8_valid(text, len))
            reader_damaged(reader, reader->at, "a name that is no UTF-8");
    }
    reader_skip(reader, len);
}

static void read_map(struct reader *reader, bool strict)
{
    uint32_t count = reader_u32(reader);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        reader_u32(reader);
        read_name(reader, strict);
    }
}

static void read_locals(struct reader *reader)
{
    uint32_t count = reader_u32(reader);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        reader_u32(reader);
        read_map(reader, true);
    }
}

/*
 * Whether a host can read the names: src/bytecode_util.cc of proxy-wasm-cpp-host,
 * getFunctionNameIndex(), looks at names of functions alone. decodeNameSection() of wazero
 * (internal/wasm/binary/names.go) is strict: names of locals count, and all are UTF-8.
 */
static bool read_names(struct reader *reader, bool strict)
{
    uint64_t end = reader->end;
    while (!reader_failed(reader) && reader->at < end) {
        uint8_t part = reader_byte(reader);
        uint32_t size = reader_u32(reader);
        if (reader_failed(reader) || size > end - reader->at)
            return false;
        uint64_t part_end = reader->at + size;
        if (part == NAMES_OF_FUNCTIONS)
            read_map(reader, strict);
        else if (part == NAMES_OF_LOCALS && strict)
            read_locals(reader);
        else if (part == NAMES_OF_MODULE && strict)
            read_name(reader, strict);
        else
            reader_skip(reader, size);
        if (reader->at != part_end)
            return false;
    }
    return !reader_failed(reader);
}

static void enter(struct reader *reader, const struct module_section *section)
{
    reader->at = section->offset;
    reader->end = section->offset + section->size;
    reader_skip(reader, reader_u32(reader)); /* its own name */
}

static void refuse_names(const struct trial *trial, const char *why)
{
    trial_refuse(
        trial, mem_printf("the section of names (\"name\") %s", why),
        mem_dup_or_null(trial->rules->words.corrupted),
        mem_dup("build the module again, or remove the section: wasm-strip FILE (of wabt)"));
}

static void check_section(const struct trial *trial, struct reader *reader)
{
    const struct module *module = trial->module;
    const struct module_section *first = NULL;
    bool strict = trial->rules->name_rule == NAMES_STRICT;
    for (size_t i = 0; i < module->section_count; i++) {
        const char *name = module->sections[i].name;
        if (!name || strcmp(name, "name") != 0)
            continue;
        if (first && strict)
            refuse_names(trial, "stands twice in the module");
        if (!first)
            first = &module->sections[i];
    }
    if (!first)
        return;
    enter(reader, first);
    if (!read_names(reader, strict))
        refuse_names(trial, "is damaged");
}

/* wazero reads no byte at the end of the file, and takes that for a failure. */
static void check_empty_section(const struct trial *trial, struct reader *reader)
{
    const struct module *module = trial->module;
    const struct module_section *last =
        module->section_count ? &module->sections[module->section_count - 1] : NULL;
    if (!last || !last->name || strcmp(last->name, "name") == 0)
        return;
    enter(reader, last);
    if (!reader_failed(reader) && reader->at == reader->end)
        trial_refuse(trial,
                     mem_printf("the last section, %.200s, is empty, which %s cannot read",
                                last->name, trial->host->title),
                     mem_dup_or_null(trial->rules->words.corrupted),
                     mem_dup("remove the section: wasm-strip FILE (of wabt)"));
}

/* Engines have their own limits for names; V8 has none that a file could reach. */
static void check_long_names(const struct trial *trial)
{
    enum { SURE = 100000 }; /* bytes that every engine takes */
    size_t longest = 0;
    for (size_t i = 0; i < trial->module->export_count; i++) {
        size_t len = strlen(trial->module->exports[i].name);
        longest = len > longest ? len : longest;
    }
    if (longest > SURE && strncmp(trial->version->engine, "V8", 2) != 0)
        trial_doubt(trial, mem_printf("the name of an export has %zu bytes", longest), NULL,
                    mem_dup("give the export a short name"));
}

/* A name with a NUL, which module_read() shows as U+FFFD. */
static void check_odd_names(const struct trial *trial)
{
    for (size_t i = 0; i < trial->module->export_count; i++) {
        if (trial->rules->dies_of_tags && strstr(trial->module->exports[i].name, "\xef\xbf\xbd"))
            trial_doubt(trial,
                        mem_printf("the name of an export may hold a NUL, and %s dies of one",
                                   trial->host->title),
                        NULL, mem_dup("give the export another name"));
    }
}

static void read_sections(const struct trial *trial)
{
    AUTO(reader_release) struct reader reader;
    struct err ignored = {.wordless = true};
    reader_init_fd(&reader, trial->fd, "the module", &ignored);
    if (reader_failed(&reader))
        return;
    if (trial->rules->name_rule == NAMES_STRICT)
        check_empty_section(trial, &reader);
    check_section(trial, &reader);
}

void trial_check_names(const struct trial *trial)
{
    check_long_names(trial);
    check_odd_names(trial);
    if (trial->rules->name_rule != NAMES_UNREAD)
        read_sections(trial);
}
