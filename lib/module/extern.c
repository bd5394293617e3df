#include "module/extern.h"

#include <inttypes.h>

#include "base/mem.h"

/* The fewest bytes of an entry: two empty names, a kind and an index; an export has one name. */
#define IMPORT_BYTES 4
#define EXPORT_BYTES 3

#define TYPE_REF_NULL 0x63 /* (ref null ht) */
#define TYPE_REF 0x64      /* (ref ht) */
#define TYPE_FIRST 0x69    /* exnref: the lowest of the one-byte types, up to i32 = 0x7f */
#define TYPE_I32 0x7f

#define LIMITS_MAX 0x01
#define LIMITS_SHARED 0x02
#define LIMITS_64 0x04
#define LIMITS_PAGE_SIZE 0x08 /* the custom page sizes proposal */

static void skip_value_type(struct reader *reader)
{
    uint64_t start = reader->at;
    uint8_t type = reader_byte(reader);
    if (type == TYPE_REF_NULL || type == TYPE_REF)
        reader_skip_s33(reader);
    else if (type < TYPE_FIRST || type > TYPE_I32)
        reader_damaged(reader, start, "unknown value type 0x%02x", type);
}

static void skip_limits(struct reader *reader)
{
    uint64_t start = reader->at;
    uint8_t flags = reader_byte(reader);
    if (flags > (LIMITS_MAX | LIMITS_SHARED | LIMITS_64 | LIMITS_PAGE_SIZE))
        reader_damaged(reader, start, "unknown limits 0x%02x", flags);
    else if ((flags & LIMITS_SHARED) && !(flags & LIMITS_MAX))
        reader_damaged(reader, start, "shared memory without a maximum");
    int bits = flags & LIMITS_64 ? 64 : 32;
    reader_unsigned(reader, bits);
    if (flags & LIMITS_MAX)
        reader_unsigned(reader, bits);
    if (flags & LIMITS_PAGE_SIZE)
        reader_u32(reader);
}

static void skip_global_type(struct reader *reader)
{
    skip_value_type(reader);
    uint64_t start = reader->at;
    uint8_t mutability = reader_byte(reader);
    if (mutability > 1)
        reader_damaged(reader, start, "unknown mutability 0x%02x", mutability);
}

static void skip_tag_type(struct reader *reader)
{
    uint64_t start = reader->at;
    uint8_t attribute = reader_byte(reader);
    if (attribute != 0)
        reader_damaged(reader, start, "unknown tag attribute 0x%02x", attribute);
    reader_u32(reader);
}

static enum extern_kind read_kind(struct reader *reader)
{
    uint64_t start = reader->at;
    uint8_t kind = reader_byte(reader);
    if (kind <= EXTERN_TAG)
        return (enum extern_kind)kind;
    reader_damaged(reader, start, "unknown kind 0x%02x of an import or export", kind);
    return EXTERN_FUNC;
}

static void skip_import_type(struct reader *reader, enum extern_kind kind)
{
    switch (kind) {
    case EXTERN_FUNC:
        reader_u32(reader);
        break;
    case EXTERN_TABLE:
        skip_value_type(reader);
        skip_limits(reader);
        break;
    case EXTERN_MEMORY:
        skip_limits(reader);
        break;
    case EXTERN_GLOBAL:
        skip_global_type(reader);
        break;
    case EXTERN_TAG:
        skip_tag_type(reader);
        break;
    }
}

/* Reads the count of a vector, whose entries take `least` bytes each or more. */
static uint32_t read_count(struct reader *reader, const char *what, unsigned least, uint32_t max)
{
    uint64_t start = reader->at;
    uint32_t count = reader_u32(reader);
    if (count > reader_left(reader) / least)
        reader_damaged(reader, start, "%" PRIu32 " %s do not fit into their section", count, what);
    else if (count > max)
        reader_damaged(reader, start, "%" PRIu32 " %s are more than %" PRIu32, count, what, max);
    return reader_failed(reader) ? 0 : count;
}

static void expect_end(struct reader *reader, const char *what)
{
    if (reader_left(reader))
        reader_damaged(reader, reader->at, "%" PRIu64 " bytes are left over behind the %s",
                       reader_left(reader), what);
}

void extern_read_imports(struct reader *reader, struct module *out)
{
    uint32_t count = read_count(reader, "imports", IMPORT_BYTES, MODULE_MAX_IMPORTS);
    out->imports = mem_zero(count, sizeof(*out->imports));
    while (out->import_count < count && !reader_failed(reader)) {
        struct module_import *import = &out->imports[out->import_count++];
        import->module = reader_name(reader);
        import->name = reader_name(reader);
        import->kind = read_kind(reader);
        if (!reader_failed(reader))
            skip_import_type(reader, import->kind);
    }
    expect_end(reader, "imports");
}

void extern_read_exports(struct reader *reader, struct module *out)
{
    uint32_t count = read_count(reader, "exports", EXPORT_BYTES, MODULE_MAX_EXPORTS);
    out->exports = mem_zero(count, sizeof(*out->exports));
    while (out->export_count < count && !reader_failed(reader)) {
        struct module_export *export = &out->exports[out->export_count++];
        export->name = reader_name(reader);
        export->kind = read_kind(reader);
        reader_u32(reader);
    }
    expect_end(reader, "exports");
}
