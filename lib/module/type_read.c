#include "module/type_read.h"

#include <inttypes.h>

#include "base/mem.h"

#define LIMITS_MAX 0x01
#define LIMITS_SHARED 0x02
#define LIMITS_64 0x04
#define LIMITS_PAGE_SIZE 0x08 /* the custom page sizes proposal */

#define PAGE_BITS 16
#define ADDRESS_BITS 48 /* of a memory with i64 addresses, in pages (3.2.15) */

#define BIT(feature) (1u << (feature))

/* The extension that a reference's short form comes from, by its code; -1: no such code. */
static int reference_feature(int32_t code)
{
    switch (code) {
    case 0x70: /* func */
    case 0x6f: /* extern */
        return FEATURE_REFERENCE_TYPES;
    case 0x69: /* exn */
    case 0x74: /* noexn */
        return FEATURE_EXCEPTIONS;
    case 0x68: /* cont */
    case 0x75: /* nocont */
        return FEATURE_STACK_SWITCHING;
    default:
        return code >= 0x6a && code <= 0x73 ? FEATURE_GC : -1;
    }
}

bool type_settle(struct value_type *type, uint64_t bound, uint32_t *features)
{
    if (type->code >= VALUE_F64 && type->code <= VALUE_I32)
        return true;
    if (type->code == VALUE_V128) {
        *features |= BIT(FEATURE_SIMD);
        return true;
    }
    bool spelled = type->code == VALUE_REF || type->code == VALUE_REF_NULL;
    if (spelled)
        *features |= BIT(FEATURE_TYPED_REFS);
    if (spelled && type->heap >= 0)
        return (uint64_t)type->heap < bound;
    int32_t code = spelled ? type->heap + 0x80 : type->code;
    int feature = reference_feature(code);
    if (feature < 0)
        return false;
    *features |= BIT(feature);
    if (type->code == VALUE_REF_NULL)
        *type = (struct value_type){.code = (uint8_t)code};
    return true;
}

static int32_t read_heap(struct reader *reader)
{
    int64_t heap = reader_signed(reader, 33);
    return heap > INT32_MAX || heap < INT8_MIN ? INT32_MIN : (int32_t)heap;
}

static void settle(struct reader *reader, uint64_t start, struct value_type *type, uint64_t bound,
                   struct module *out)
{
    uint8_t code = type->code;
    if (reader_failed(reader) || type_settle(type, bound, &out->features))
        return;
    if (code != VALUE_REF && code != VALUE_REF_NULL)
        reader_damaged(reader, start, "unknown value type 0x%02x", code);
    else if (type->heap < 0)
        reader_damaged(reader, start, "unknown heap type");
    else
        reader_damaged(reader, start, "type %" PRId32 ", where %" PRIu64 " are known", type->heap,
                       bound);
}

struct value_type type_read_bounded(struct reader *reader, struct module *out, uint64_t bound)
{
    uint64_t start = reader->at;
    struct value_type type = {.code = reader_byte(reader)};
    if (type.code == VALUE_REF || type.code == VALUE_REF_NULL)
        type.heap = read_heap(reader);
    settle(reader, start, &type, bound, out);
    return type;
}

struct value_type type_read_value(struct reader *reader, struct module *out)
{
    return type_read_bounded(reader, out, out->type_count);
}

struct value_type type_read_heap(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    struct value_type type = {.code = VALUE_REF_NULL, .heap = read_heap(reader)};
    uint32_t spelled = ~out->features & BIT(FEATURE_TYPED_REFS);
    settle(reader, start, &type, out->type_count, out);
    if (type.code != VALUE_REF_NULL) /* ref.null func is older than (ref null func) */
        out->features &= ~spelled;
    return type;
}

uint32_t type_read_index(struct reader *reader, const struct module *out, enum type_form form)
{
    static const char *const forms[] = {"function", "struct", "array", "continuation"};
    uint64_t start = reader->at;
    uint32_t index = reader_u32(reader);
    if (index >= out->type_count)
        reader_damaged(reader, start, "type %" PRIu32 ", where %zu are known", index,
                       out->type_count);
    else if (out->types[index].form != form)
        reader_damaged(reader, start, "type %" PRIu32 " is no %s type", index, forms[form]);
    return index;
}

/* The most pages of a memory. */
static uint64_t most_pages(const struct limits *limits)
{
    int bits = limits->wide ? ADDRESS_BITS + PAGE_BITS : 32;
    bits -= limits->page_bits;
    if (bits < 0) /* the size of a page is refused already */
        return 0;
    return bits >= 64 ? UINT64_MAX : UINT64_C(1) << bits;
}

static void check_limits(struct reader *reader, uint64_t start, const struct limits *limits,
                         uint64_t most, const char *unit)
{
    if (limits->has_max && limits->min > limits->max)
        reader_damaged(reader, start, "a minimum of %" PRIu64 " %s is past the maximum of %" PRIu64,
                       limits->min, unit, limits->max);
    else if (limits->min > most || (limits->has_max && limits->max > most))
        reader_damaged(reader, start, "more than %" PRIu64 " %s", most, unit);
}

static struct limits read_limits(struct reader *reader, struct module *out, uint8_t allowed)
{
    uint64_t start = reader->at;
    uint8_t flags = reader_byte(reader);
    if (flags & ~allowed)
        reader_damaged(reader, start, "unknown limits 0x%02x", flags);
    else if ((flags & LIMITS_SHARED) && !(flags & LIMITS_MAX))
        reader_damaged(reader, start, "shared memory without a maximum");
    struct limits limits = {.has_max = flags & LIMITS_MAX,
                            .shared = flags & LIMITS_SHARED,
                            .wide = flags & LIMITS_64,
                            .page_bits = PAGE_BITS};
    int bits = limits.wide ? 64 : 32;
    limits.min = reader_unsigned(reader, bits);
    if (limits.has_max)
        limits.max = reader_unsigned(reader, bits);
    if (flags & LIMITS_PAGE_SIZE) {
        uint32_t page_bits = reader_u32(reader);
        if (page_bits != 0 && page_bits != PAGE_BITS)
            reader_damaged(reader, start, "a page of 2^%" PRIu32 " bytes", page_bits);
        else
            limits.page_bits = (uint8_t)page_bits;
        out->features |= BIT(FEATURE_CUSTOM_PAGE_SIZES);
    }
    if (limits.shared)
        out->features |= BIT(FEATURE_THREADS);
    if (limits.wide)
        out->features |= BIT(FEATURE_MEMORY64);
    return limits;
}

void type_read_table(struct reader *reader, struct module *out, struct table_type *type)
{
    uint64_t start = reader->at;
    uint32_t before = out->features;
    type->element = type_read_value(reader, out);
    if (type->element.code == VALUE_FUNCREF)
        out->features &= before | ~BIT(FEATURE_REFERENCE_TYPES); /* was there in 1.0 */
    else if (type->element.code >= VALUE_V128)
        reader_damaged(reader, start, "a table of numbers");
    start = reader->at;
    type->limits = read_limits(reader, out, LIMITS_MAX | LIMITS_64);
    check_limits(reader, start, &type->limits, UINT64_MAX, "entries");
    if (type->limits.min > MODULE_MAX_TABLE)
        reader_damaged(reader, start, "a table of more than %d entries", MODULE_MAX_TABLE);
}

void type_read_memory(struct reader *reader, struct module *out, struct limits *limits)
{
    uint64_t start = reader->at;
    *limits = read_limits(reader, out, LIMITS_MAX | LIMITS_SHARED | LIMITS_64 | LIMITS_PAGE_SIZE);
    check_limits(reader, start, limits, most_pages(limits), "pages");
}

void type_read_global(struct reader *reader, struct module *out, struct global_type *type)
{
    type->value = type_read_value(reader, out);
    uint64_t start = reader->at;
    uint8_t mutability = reader_byte(reader);
    if (mutability > 1)
        reader_damaged(reader, start, "unknown mutability 0x%02x", mutability);
    type->mutable = mutability;
}

uint32_t type_read_tag(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    uint8_t attribute = reader_byte(reader);
    if (attribute != 0)
        reader_damaged(reader, start, "unknown tag attribute 0x%02x", attribute);
    return type_read_index(reader, out, TYPE_FUNC);
}
