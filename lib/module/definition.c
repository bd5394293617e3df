#include "module/definition.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/expr.h"
#include "module/type_read.h"

/* The fewest bytes of an entry. */
#define FUNCTION_BYTES 1
#define TABLE_BYTES 3
#define MEMORY_BYTES 2
#define TAG_BYTES 2
#define GLOBAL_BYTES 4

/* A table that begins with its entries set: these two bytes stand before its type (5.5.7). */
#define TABLE_INIT 0x40

static uint32_t count_of(struct reader *reader, const char *what, unsigned least, size_t imported,
                         uint32_t max)
{
    uint64_t start = reader->at;
    uint32_t count = reader_count(reader, what, least, max);
    if (imported + count > max)
        reader_damaged(reader, start, "more than %" PRIu32 " %s", max, what);
    return reader_failed(reader) ? 0 : count;
}

void definition_read_functions(struct reader *reader, struct module *out)
{
    uint32_t count = reader_count(reader, "functions", FUNCTION_BYTES, MODULE_MAX_FUNCTIONS);
    out->funcs = mem_resize(out->funcs, out->func_count + count, sizeof(*out->funcs));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        out->funcs[out->func_count++] = type_read_index(reader, out, TYPE_FUNC);
    reader_expect_end(reader, "functions");
}

static void read_table(struct reader *reader, struct module *out, struct table_type *table)
{
    uint64_t start = reader->at;
    const uint8_t *first = reader_view(reader, 1);
    bool set = first && *first == TABLE_INIT;
    if (set) {
        reader_skip(reader, 1);
        if (reader_byte(reader) != 0)
            reader_damaged(reader, start, "unknown form of a table");
        out->features |= 1u << FEATURE_TYPED_REFS;
    }
    type_read_table(reader, out, table);
    if (set)
        expr_read(reader, out, table->element);
    else if (table->element.code == VALUE_REF)
        reader_damaged(reader, start,
                       "a table of references that are never null has no first value");
}

void definition_read_tables(struct reader *reader, struct module *out)
{
    uint32_t count = count_of(reader, "tables", TABLE_BYTES, out->table_count, MODULE_MAX_TABLES);
    out->tables = mem_resize(out->tables, out->table_count + count, sizeof(*out->tables));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        read_table(reader, out, &out->tables[out->table_count]);
        out->table_count++;
    }
    reader_expect_end(reader, "tables");
}

void definition_read_memories(struct reader *reader, struct module *out)
{
    uint32_t count =
        count_of(reader, "memories", MEMORY_BYTES, out->memory_count, MODULE_MAX_MEMORIES);
    out->memories = mem_resize(out->memories, out->memory_count + count, sizeof(*out->memories));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        type_read_memory(reader, out, &out->memories[out->memory_count++]);
    reader_expect_end(reader, "memories");
}

void definition_read_tags(struct reader *reader, struct module *out)
{
    uint32_t count = count_of(reader, "tags", TAG_BYTES, out->tag_count, MODULE_MAX_TAGS);
    out->tags = mem_resize(out->tags, out->tag_count + count, sizeof(*out->tags));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        out->tags[out->tag_count++] = type_read_tag(reader, out);
    reader_expect_end(reader, "tags");
}

void definition_read_globals(struct reader *reader, struct module *out)
{
    uint32_t count =
        count_of(reader, "globals", GLOBAL_BYTES, out->global_count, MODULE_MAX_GLOBALS);
    out->globals = mem_resize(out->globals, out->global_count + count, sizeof(*out->globals));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        struct global_type *global = &out->globals[out->global_count];
        type_read_global(reader, out, global);
        expr_read(reader, out, global->value); /* may read those before it */
        out->global_count++;
    }
    reader_expect_end(reader, "globals");
}

void definition_read_start(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    out->start = reader_u32(reader);
    out->has_start = true;
    if (out->start >= out->func_count)
        reader_damaged(reader, start, "the start function is %" PRIu32 ", where %zu are known",
                       out->start, out->func_count);
    else if (!type_has_signature(module_func_type(out, out->start), ":"))
        reader_damaged(reader, start, "the start function %" PRIu32 " has parameters or results",
                       out->start);
    reader_expect_end(reader, "start function");
}

void definition_read_data_count(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    out->data_count = reader_u32(reader);
    out->has_data_count = true;
    out->features |= 1u << FEATURE_BULK_MEMORY;
    if (out->data_count > MODULE_MAX_SEGMENTS)
        reader_damaged(reader, start, "%zu data segments are more than %d", out->data_count,
                       MODULE_MAX_SEGMENTS);
    reader_expect_end(reader, "data count");
}
