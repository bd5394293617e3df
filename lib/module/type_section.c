#include "module/type_section.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/type_read.h"
#include "module/type_same.h"

/* The fewest bytes of a type: a struct without fields, or a group of no types. */
#define TYPE_BYTES 2

#define BIT(feature) (1u << (feature))

enum type_byte {
    TYPE_BYTE_FUNC = 0x60,
    TYPE_BYTE_STRUCT = 0x5f,
    TYPE_BYTE_ARRAY = 0x5e,
    TYPE_BYTE_CONT = 0x5d,
    TYPE_BYTE_SUB = 0x50,
    TYPE_BYTE_SUB_FINAL = 0x4f,
    TYPE_BYTE_REC = 0x4e,
};

/* The section while it is read. */
struct section {
    struct reader *reader;
    struct module *out;
    size_t values;  /* of all types so far */
    uint32_t group; /* the first type of the group that is read */
    uint64_t bound; /* the end of the group: types may name types before that */
    struct type_groups known;
};

/* Makes room for `more` values of a type behind the `had` that it has. */
static struct value_type *add_values(struct section *section, struct module_type *type,
                                     uint32_t had, uint32_t more)
{
    section->values += more;
    if (section->values > MODULE_MAX_VALUES)
        reader_damaged(section->reader, section->reader->at,
                       "the types have more than %d values together", MODULE_MAX_VALUES);
    if (reader_failed(section->reader) || more == 0)
        return NULL;
    struct value_type *values =
        mem_resize((void *)type->values, (size_t)had + more, sizeof(*values));
    type->values = values;
    return values + had;
}

static uint32_t read_values(struct section *section, struct module_type *type, uint32_t had,
                            const char *what, uint32_t max)
{
    struct reader *reader = section->reader;
    uint32_t count = reader_count(reader, what, 1, max);
    struct value_type *values = add_values(section, type, had, count);
    for (uint32_t i = 0; values && i < count && !reader_failed(reader); i++)
        values[i] = type_read_bounded(reader, section->out, section->bound);
    return reader_failed(reader) ? 0 : count;
}

static void read_func(struct section *section, struct module_type *type)
{
    uint32_t params = read_values(section, type, 0, "parameters", MODULE_MAX_PARAMS);
    uint32_t results = read_values(section, type, params, "results", MODULE_MAX_RESULTS);
    if (results > 1)
        section->out->features |= BIT(FEATURE_MULTI_VALUE);
    type->param_count = params;
    type->result_count = results;
}

/* A field of a struct or an array (5.3.10). */
static void read_field(struct section *section, struct value_type *value)
{
    struct reader *reader = section->reader;
    const uint8_t *code = reader_view(reader, 1);
    if (code && (*code == VALUE_I8 || *code == VALUE_I16))
        *value = (struct value_type){.code = reader_byte(reader)};
    else
        *value = type_read_bounded(reader, section->out, section->bound);
    uint64_t start = reader->at;
    uint8_t mutability = reader_byte(reader);
    if (mutability > 1)
        reader_damaged(reader, start, "unknown mutability 0x%02x", mutability);
    else if (mutability)
        value->code |= FIELD_MUTABLE;
}

static void read_fields(struct section *section, struct module_type *type, enum type_form form)
{
    struct reader *reader = section->reader;
    uint32_t count = form == TYPE_ARRAY ? 1 : reader_count(reader, "fields", 2, MODULE_MAX_FIELDS);
    struct value_type *values = add_values(section, type, 0, count);
    for (uint32_t i = 0; values && i < count && !reader_failed(reader); i++)
        read_field(section, &values[i]);
    section->out->features |= BIT(FEATURE_GC);
    type->form = form;
    type->param_count = reader_failed(reader) ? 0 : count;
}

/* A continuation of a type of functions: its index counts as a parameter. */
static void read_cont(struct section *section, struct module_type *type)
{
    struct reader *reader = section->reader;
    uint64_t start = reader->at;
    int64_t index = reader_signed(reader, 33);
    if (index < 0 || (uint64_t)index >= section->bound)
        reader_damaged(reader, start, "a continuation of an unknown type");
    struct value_type *value = add_values(section, type, 0, 1);
    if (!value)
        return;
    *value = (struct value_type){.code = VALUE_REF, .heap = (int32_t)index};
    section->out->features |= BIT(FEATURE_STACK_SWITCHING);
    type->form = TYPE_CONT;
    type->param_count = 1;
}

static void read_composite(struct section *section, struct module_type *type, uint8_t byte,
                           uint64_t start)
{
    if (byte == TYPE_BYTE_FUNC)
        read_func(section, type);
    else if (byte == TYPE_BYTE_STRUCT)
        read_fields(section, type, TYPE_STRUCT);
    else if (byte == TYPE_BYTE_ARRAY)
        read_fields(section, type, TYPE_ARRAY);
    else if (byte == TYPE_BYTE_CONT)
        read_cont(section, type);
    else
        reader_damaged(section->reader, start, "unknown form 0x%02x of a type", byte);
}

static uint32_t read_super(struct section *section, uint32_t index)
{
    struct reader *reader = section->reader;
    uint64_t start = reader->at;
    uint32_t count = reader_u32(reader);
    if (count > 1)
        reader_damaged(reader, start, "a type extends %" PRIu32 " types", count);
    if (count == 0)
        return NO_TYPE;
    start = reader->at;
    uint32_t super = reader_u32(reader);
    if (super >= index)
        reader_damaged(reader, start, "type %" PRIu32 " extends type %" PRIu32, index, super);
    if (reader_failed(reader))
        return NO_TYPE;
    int depth = 1;
    for (uint32_t at = super; (at = section->out->types[at].super) != NO_TYPE;)
        depth++;
    if (depth > MODULE_MAX_SUPERS)
        reader_damaged(reader, start, "a type extends more than %d others", MODULE_MAX_SUPERS);
    return super;
}

static struct module_type *add_type(struct module *out)
{
    out->types = mem_grow(out->types, out->type_count, sizeof(*out->types));
    struct module_type *type = &out->types[out->type_count++];
    *type = (struct module_type){.super = NO_TYPE};
    return type;
}

static void read_type(struct section *section)
{
    struct reader *reader = section->reader;
    struct module *out = section->out;
    uint32_t index = (uint32_t)out->type_count;
    struct module_type *type = add_type(out);
    type->group = section->group;
    uint64_t start = reader->at;
    uint8_t byte = reader_byte(reader);
    if (byte == TYPE_BYTE_SUB || byte == TYPE_BYTE_SUB_FINAL) {
        out->features |= BIT(FEATURE_GC);
        type->open = byte == TYPE_BYTE_SUB;
        type->super = read_super(section, index);
        start = reader->at;
        byte = reader_byte(reader);
    }
    read_composite(section, type, byte, start);
}

static void read_group(struct section *section)
{
    struct reader *reader = section->reader;
    struct module *out = section->out;
    uint64_t start = reader->at;
    uint32_t count = 1;
    const uint8_t *byte = reader_view(reader, 1);
    if (byte && *byte == TYPE_BYTE_REC) {
        reader_skip(reader, 1);
        out->features |= BIT(FEATURE_GC);
        count = reader_count(reader, "types", TYPE_BYTES, MODULE_MAX_TYPES);
    }
    section->group = (uint32_t)out->type_count;
    section->bound = out->type_count + count;
    if (section->bound > MODULE_MAX_TYPES)
        reader_damaged(reader, start, "more than %d types", MODULE_MAX_TYPES);
    while (out->type_count < section->bound && !reader_failed(reader))
        read_type(section);
    if (reader_failed(reader) || count == 0)
        return;
    type_same_add(&section->known, out, section->group);
    for (uint32_t i = section->group; i < out->type_count; i++) {
        if (!type_extends_well(out, i))
            reader_damaged(reader, start,
                           "type %" PRIu32 " does not fit type %" PRIu32 ", which it extends", i,
                           out->types[i].super);
    }
}

void type_section_read(struct reader *reader, struct module *out)
{
    struct section section = {.reader = reader, .out = out};
    uint32_t count = reader_count(reader, "types", TYPE_BYTES, MODULE_MAX_TYPES);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        read_group(&section);
    type_same_release(&section.known);
    reader_expect_end(reader, "types");
}
