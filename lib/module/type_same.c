#include "module/type_same.h"

#include <stdlib.h>

#include "base/mem.h"

/* A file that was made to have groups of one hash does not make the search long: those past the
 * limit count as new types. */
#define MAX_PROBES 256

enum heap {
    HEAP_CONT = -0x18,
    HEAP_EXN = -0x17,
    HEAP_ARRAY = -0x16,
    HEAP_STRUCT = -0x15,
    HEAP_I31 = -0x14,
    HEAP_EQ = -0x13,
    HEAP_ANY = -0x12,
    HEAP_EXTERN = -0x11,
    HEAP_FUNC = -0x10,
    HEAP_NONE = -0x0f,
    HEAP_NOEXTERN = -0x0e,
    HEAP_NOFUNC = -0x0d,
    HEAP_NOEXN = -0x0c,
    HEAP_NOCONT = -0x0b,
};

/* The index of a type as it counts in a comparison: within the group by its place, else by the
 * first of its equals. */
static uint64_t place(const struct module *module, uint32_t group, uint32_t index)
{
    if (index == NO_TYPE)
        return UINT64_MAX;
    return index >= group ? ((uint64_t)(index - group) + 1) << 32 : module->types[index].same;
}

static uint64_t value_place(const struct module *module, uint32_t group, struct value_type value)
{
    uint8_t code = value.code & (uint8_t)~FIELD_MUTABLE;
    if ((code == VALUE_REF || code == VALUE_REF_NULL) && value.heap >= 0)
        return place(module, group, (uint32_t)value.heap);
    return (uint64_t)(int64_t)value.heap;
}

static uint32_t mix(uint32_t hash, uint64_t value)
{
    uint64_t mixed = (hash ^ value ^ value >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32);
}

static uint32_t group_hash(const struct module *module, uint32_t first)
{
    uint32_t hash = 0;
    for (size_t i = first; i < module->type_count; i++) {
        const struct module_type *type = &module->types[i];
        hash = mix(hash, (uint64_t)type->form << 1 | type->open);
        hash = mix(hash, (uint64_t)type->param_count << 32 | type->result_count);
        hash = mix(hash, place(module, first, type->super));
        for (size_t at = 0; at < (size_t)type->param_count + type->result_count; at++)
            hash = mix(hash,
                       value_place(module, first, type->values[at]) * 256 + type->values[at].code);
    }
    return hash;
}

static bool same_type(const struct module *module, uint32_t a, uint32_t b)
{
    const struct module_type *x = &module->types[a], *y = &module->types[b];
    if (x->form != y->form || x->open != y->open || x->param_count != y->param_count ||
        x->result_count != y->result_count ||
        place(module, x->group, x->super) != place(module, y->group, y->super))
        return false;
    for (size_t at = 0; at < (size_t)x->param_count + x->result_count; at++) {
        if (x->values[at].code != y->values[at].code ||
            value_place(module, x->group, x->values[at]) !=
                value_place(module, y->group, y->values[at]))
            return false;
    }
    return true;
}

static bool in_group(const struct module *module, uint64_t index, uint32_t group)
{
    return index < module->type_count && module->types[index].group == group;
}

static bool same_group(const struct module *module, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0;; i++) {
        bool more = in_group(module, (uint64_t)a + i, a);
        if (more != in_group(module, (uint64_t)b + i, b))
            return false;
        if (!more)
            return true;
        if (!same_type(module, a + i, b + i))
            return false;
    }
}

static void put(struct type_groups *groups, uint32_t hash, uint32_t first)
{
    size_t at = hash & (groups->room - 1);
    for (int probes = 0; groups->slots[at].first; probes++) {
        if (probes == MAX_PROBES)
            return;
        at = (at + 1) & (groups->room - 1);
    }
    groups->slots[at].hash = hash;
    groups->slots[at].first = first + 1;
    groups->used++;
}

static void make_room(struct type_groups *groups)
{
    if (2 * (groups->used + 1) <= groups->room)
        return;
    struct type_groups old = *groups;
    groups->room = old.room ? 2 * old.room : 64;
    groups->used = 0;
    groups->slots = mem_zero(groups->room, sizeof(*groups->slots));
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i].first)
            put(groups, old.slots[i].hash, old.slots[i].first - 1);
    }
    free(old.slots);
}

void type_same_add(struct type_groups *groups, struct module *module, uint32_t first)
{
    make_room(groups);
    uint32_t hash = group_hash(module, first), same = first;
    size_t at = hash & (groups->room - 1);
    for (int probes = 0; groups->slots[at].first && probes < MAX_PROBES; probes++) {
        uint32_t other = groups->slots[at].first - 1;
        if (groups->slots[at].hash == hash && same_group(module, first, other)) {
            same = other;
            break;
        }
        at = (at + 1) & (groups->room - 1);
    }
    for (uint32_t i = first; i < module->type_count; i++)
        module->types[i].same = same + (i - first);
    if (same == first)
        put(groups, hash, first);
}

void type_same_release(struct type_groups *groups)
{
    free(groups->slots);
    *groups = (struct type_groups){0};
}

/* Is the abstract heap type `is` a part of `wanted`, which is abstract, too? */
static bool abstract_matches(int32_t is, int32_t wanted)
{
    switch (is) {
    case HEAP_NONE:
        return wanted <= HEAP_ANY && wanted >= HEAP_ARRAY;
    case HEAP_I31:
    case HEAP_STRUCT:
    case HEAP_ARRAY:
        return wanted == HEAP_EQ || wanted == HEAP_ANY;
    case HEAP_EQ:
        return wanted == HEAP_ANY;
    case HEAP_NOFUNC:
        return wanted == HEAP_FUNC;
    case HEAP_NOEXTERN:
        return wanted == HEAP_EXTERN;
    case HEAP_NOEXN:
        return wanted == HEAP_EXN;
    case HEAP_NOCONT:
        return wanted == HEAP_CONT;
    default:
        return false;
    }
}

/* The abstract heap type of a form, and the one that has no values but null. */
static const struct {
    int32_t top, bottom;
} forms[] = {
    [TYPE_FUNC] = {HEAP_FUNC, HEAP_NOFUNC},
    [TYPE_STRUCT] = {HEAP_STRUCT, HEAP_NONE},
    [TYPE_ARRAY] = {HEAP_ARRAY, HEAP_NONE},
    [TYPE_CONT] = {HEAP_CONT, HEAP_NOCONT},
};

static bool extends(const struct module *module, uint32_t is, uint32_t wanted)
{
    for (; is != NO_TYPE; is = module->types[is].super) {
        if (module->types[is].same == module->types[wanted].same)
            return true;
    }
    return false;
}

static bool heap_matches(const struct module *module, int32_t is, int32_t wanted)
{
    if (is == wanted)
        return true;
    if (is >= 0 && wanted >= 0)
        return extends(module, (uint32_t)is, (uint32_t)wanted);
    if (is >= 0) {
        int32_t top = forms[module->types[is].form].top;
        return top == wanted || abstract_matches(top, wanted);
    }
    if (wanted >= 0)
        return is == forms[module->types[wanted].form].bottom;
    return abstract_matches(is, wanted);
}

bool type_matches(const struct module *module, struct value_type is, struct value_type wanted)
{
    if (value_type_same(is, wanted))
        return true;
    if (is.code >= VALUE_V128 || wanted.code >= VALUE_V128 ||
        (wanted.code == VALUE_REF && is.code != VALUE_REF))
        return false;
    bool named = is.code == VALUE_REF || is.code == VALUE_REF_NULL;
    bool wants_named = wanted.code == VALUE_REF || wanted.code == VALUE_REF_NULL;
    return heap_matches(module, named ? is.heap : is.code - 0x80,
                        wants_named ? wanted.heap : wanted.code - 0x80);
}

static bool field_extends(const struct module *module, struct value_type is,
                          struct value_type wanted)
{
    if ((is.code ^ wanted.code) & FIELD_MUTABLE)
        return false;
    bool mutable = is.code & FIELD_MUTABLE;
    is.code &= (uint8_t)~FIELD_MUTABLE;
    wanted.code &= (uint8_t)~FIELD_MUTABLE;
    return type_matches(module, is, wanted) && (!mutable || type_matches(module, wanted, is));
}

bool type_extends_well(const struct module *module, uint32_t index)
{
    const struct module_type *is = &module->types[index];
    if (is->super == NO_TYPE)
        return true;
    const struct module_type *wanted = &module->types[is->super];
    bool exact = is->form != TYPE_STRUCT;
    if (!wanted->open || is->form != wanted->form || is->result_count != wanted->result_count ||
        is->param_count < wanted->param_count || (exact && is->param_count != wanted->param_count))
        return false;
    size_t params = wanted->param_count;
    for (size_t i = 0; i < params; i++) {
        if (is->form == TYPE_FUNC ? !type_matches(module, wanted->values[i], is->values[i])
                                  : !field_extends(module, is->values[i], wanted->values[i]))
            return false;
    }
    for (size_t i = params; i < params + wanted->result_count; i++) {
        if (!type_matches(module, is->values[i], wanted->values[i]))
            return false;
    }
    return true;
}
