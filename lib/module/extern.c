#include "module/extern.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/expr.h"
#include "module/type_read.h"

/* The fewest bytes of an entry: two empty names, a kind and an index; an export has one name. */
#define IMPORT_BYTES 4
#define EXPORT_BYTES 3

static enum extern_kind read_kind(struct reader *reader)
{
    uint64_t start = reader->at;
    uint8_t kind = reader_byte(reader);
    if (kind <= EXTERN_TAG)
        return (enum extern_kind)kind;
    reader_damaged(reader, start, "unknown kind 0x%02x of an import or export", kind);
    return EXTERN_FUNC;
}

static uint32_t import_global(struct reader *reader, struct module *out)
{
    out->globals = mem_grow(out->globals, out->global_count, sizeof(*out->globals));
    struct global_type *global = &out->globals[out->global_count];
    type_read_global(reader, out, global);
    if (global->mutable)
        out->features |= 1u << FEATURE_MUTABLE_GLOBALS;
    return (uint32_t)out->global_count++;
}

/* Puts what is imported into the index space of its kind, and returns its index. */
static uint32_t import_one(struct reader *reader, struct module *out, enum extern_kind kind)
{
    switch (kind) {
    case EXTERN_FUNC:
        out->funcs = mem_grow(out->funcs, out->func_count, sizeof(*out->funcs));
        out->funcs[out->func_count] = type_read_index(reader, out, TYPE_FUNC);
        return (uint32_t)out->func_count++;
    case EXTERN_TABLE:
        out->tables = mem_grow(out->tables, out->table_count, sizeof(*out->tables));
        type_read_table(reader, out, &out->tables[out->table_count]);
        return (uint32_t)out->table_count++;
    case EXTERN_MEMORY:
        out->memories = mem_grow(out->memories, out->memory_count, sizeof(*out->memories));
        type_read_memory(reader, out, &out->memories[out->memory_count]);
        return (uint32_t)out->memory_count++;
    case EXTERN_GLOBAL:
        return import_global(reader, out);
    case EXTERN_TAG:
        out->tags = mem_grow(out->tags, out->tag_count, sizeof(*out->tags));
        out->tags[out->tag_count] = type_read_tag(reader, out);
        return (uint32_t)out->tag_count++;
    }
    return 0;
}

void extern_read_imports(struct reader *reader, struct module *out)
{
    uint32_t count = reader_count(reader, "imports", IMPORT_BYTES, MODULE_MAX_IMPORTS);
    out->imports = mem_zero(count, sizeof(*out->imports));
    while (out->import_count < count && !reader_failed(reader)) {
        struct module_import *import = &out->imports[out->import_count++];
        import->module = reader_name(reader);
        import->name = reader_name(reader);
        import->kind = read_kind(reader);
        if (!reader_failed(reader))
            import->index = import_one(reader, out, import->kind);
    }
    out->imported_funcs = out->func_count;
    out->imported_tables = out->table_count;
    out->imported_memories = out->memory_count;
    out->imported_globals = out->global_count;
    out->imported_tags = out->tag_count;
    reader_expect_end(reader, "imports");
}

static size_t space_of(const struct module *out, enum extern_kind kind)
{
    switch (kind) {
    case EXTERN_FUNC:
        return out->func_count;
    case EXTERN_TABLE:
        return out->table_count;
    case EXTERN_MEMORY:
        return out->memory_count;
    case EXTERN_GLOBAL:
        return out->global_count;
    case EXTERN_TAG:
        return out->tag_count;
    }
    return 0;
}

static void read_export(struct reader *reader, struct module *out, struct module_export *export)
{
    uint64_t start = reader->at;
    export->name = reader_name(reader);
    export->kind = read_kind(reader);
    export->index = reader_u32(reader);
    if (reader_failed(reader))
        return;
    size_t known = space_of(out, export->kind);
    if (export->index >= known)
        reader_damaged(reader, start, "the export \"%.64s\" is %s %" PRIu32 ", where %zu are known",
                       export->name, module_kind_name(export->kind), export->index, known);
    else if (export->kind == EXTERN_FUNC)
        expr_declare(out, export->index);
    else if (export->kind == EXTERN_GLOBAL && out->globals[export->index].mutable)
        out->features |= 1u << FEATURE_MUTABLE_GLOBALS;
}

static int by_name(const void *a, const void *b)
{
    const struct module_export *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void check_unique(struct reader *reader, const struct module *out, uint64_t start)
{
    size_t count = out->export_count;
    AUTO_FREE const struct module_export **sorted = mem_zero(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = &out->exports[i];
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 1; i < count; i++) {
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            reader_damaged(reader, start, "two exports have the name \"%.64s\"", sorted[i]->name);
    }
}

void extern_read_exports(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    uint32_t count = reader_count(reader, "exports", EXPORT_BYTES, MODULE_MAX_EXPORTS);
    out->exports = mem_zero(count, sizeof(*out->exports));
    while (out->export_count < count && !reader_failed(reader))
        read_export(reader, out, &out->exports[out->export_count++]);
    reader_expect_end(reader, "exports");
    if (!reader_failed(reader))
        check_unique(reader, out, start);
}
