#include "module/segment.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/expr.h"
#include "module/type_read.h"
#include "module/type_same.h"

#define ELEMENT_BYTES 2 /* the fewest bytes of a segment */
#define DATA_BYTES 2

/* The flags of an element segment. */
#define ELEMENT_NOT_ACTIVE 1 /* passive or declared */
#define ELEMENT_NAMED 2      /* active: names its table; else: only declared */
#define ELEMENT_EXPRESSIONS 4
#define ELEMENT_ALL 7

#define HEAP_FUNC (-0x10)

enum data_form { DATA_ACTIVE, DATA_PASSIVE, DATA_NAMED };

static struct value_type address_type(const struct limits *limits)
{
    return (struct value_type){.code = limits->wide ? VALUE_I64 : VALUE_I32};
}

/* The table that a segment is for, and where in it. */
static uint32_t read_target(struct reader *reader, struct module *out, bool named)
{
    uint64_t start = reader->at;
    uint32_t table = named ? reader_u32(reader) : 0;
    if (table >= out->table_count)
        reader_damaged(reader, start,
                       "an element segment for table %" PRIu32 ", where %zu are known", table,
                       out->table_count);
    if (reader_failed(reader))
        return 0;
    if (table > 0)
        out->features |= 1u << FEATURE_REFERENCE_TYPES;
    expr_read(reader, out, address_type(&out->tables[table].limits));
    return table;
}

/* The type of the elements; segments of the first form do not say it. */
static struct value_type read_element_type(struct reader *reader, struct module *out,
                                           uint32_t flags)
{
    struct value_type type = {.code = VALUE_FUNCREF};
    bool expressions = flags & ELEMENT_EXPRESSIONS;
    if (!expressions)
        type = (struct value_type){.code = VALUE_REF, .heap = HEAP_FUNC};
    if (!(flags & (ELEMENT_NOT_ACTIVE | ELEMENT_NAMED)))
        return type;
    uint64_t start = reader->at;
    if (expressions) {
        type = type_read_value(reader, out);
        if (type.code >= VALUE_V128)
            reader_damaged(reader, start, "a segment of elements that are numbers");
    } else if (reader_byte(reader) != 0) {
        reader_damaged(reader, start, "unknown kind of elements");
    }
    return type;
}

static void read_functions(struct reader *reader, struct module *out, uint32_t count)
{
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        uint64_t start = reader->at;
        uint32_t func = reader_u32(reader);
        if (func >= out->func_count)
            reader_damaged(reader, start,
                           "element %" PRIu32 " is function %" PRIu32 ", where %zu are known", i,
                           func, out->func_count);
        else
            expr_declare(out, func);
    }
}

static void read_element(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    uint32_t flags = reader_u32(reader);
    if (flags > ELEMENT_ALL)
        reader_damaged(reader, start, "unknown form %" PRIu32 " of an element segment", flags);
    bool active = !(flags & ELEMENT_NOT_ACTIVE);
    uint32_t table = active ? read_target(reader, out, flags & ELEMENT_NAMED) : 0;
    struct value_type type = read_element_type(reader, out, flags);
    uint32_t count = reader_count(reader, "elements", 1, MODULE_MAX_TABLE);
    if (reader_failed(reader))
        return;
    if (flags)
        out->features |= 1u << FEATURE_BULK_MEMORY;
    if (!active && (flags & ELEMENT_NAMED))
        out->features |= 1u << FEATURE_REFERENCE_TYPES;
    if (active && !type_matches(out, type, out->tables[table].element))
        reader_damaged(reader, start, "an element segment does not have the type of table %" PRIu32,
                       table);
    out->elements[out->element_count++] = type;
    if (!(flags & ELEMENT_EXPRESSIONS))
        return read_functions(reader, out, count);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        expr_read(reader, out, type);
}

void segment_read_elements(struct reader *reader, struct module *out)
{
    uint32_t count = reader_count(reader, "element segments", ELEMENT_BYTES, MODULE_MAX_SEGMENTS);
    out->elements = mem_zero(count, sizeof(*out->elements));
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        read_element(reader, out);
    reader_expect_end(reader, "element segments");
}

static void read_data(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    uint32_t form = reader_u32(reader);
    if (form > DATA_NAMED)
        reader_damaged(reader, start, "unknown form %" PRIu32 " of a data segment", form);
    if (form != DATA_ACTIVE)
        out->features |= 1u << FEATURE_BULK_MEMORY;
    uint32_t memory = form == DATA_NAMED ? reader_u32(reader) : 0;
    if (form != DATA_PASSIVE && memory >= out->memory_count)
        reader_damaged(reader, start, "a data segment for memory %" PRIu32 ", where %zu are known",
                       memory, out->memory_count);
    if (reader_failed(reader))
        return;
    if (form != DATA_PASSIVE)
        expr_read(reader, out, address_type(&out->memories[memory]));
    start = reader->at;
    uint32_t len = reader_u32(reader);
    if (len > reader_left(reader))
        reader_damaged(reader, start, "a data segment of %" PRIu32 " bytes goes past its section",
                       len);
    reader_skip(reader, len);
}

void segment_read_data(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    uint32_t count = reader_count(reader, "data segments", DATA_BYTES, MODULE_MAX_SEGMENTS);
    if (out->has_data_count && out->data_count != count)
        reader_damaged(reader, start, "%" PRIu32 " data segments, where the data count is %zu",
                       count, out->data_count);
    out->data_count = count;
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        read_data(reader, out);
    reader_expect_end(reader, "data segments");
}
