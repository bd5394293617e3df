/* Whether the segments of data and elements lie where there is room. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/trial.h"
#include "module/opcode.h"
#include "module/reader.h"

enum {
    SECTION_ELEMENT = 9,
    SECTION_DATA = 11,
    STACK_MAX = 8, /* values of a constant expression; compilers need two */
};

static void enter(struct reader *reader, const struct module_section *section)
{
    reader->at = section->offset;
    reader->end = section->offset + section->size;
}

/* --- Constant expressions --- */

struct constant {
    uint64_t value;
    bool known; /* false for a reference, and for what a global gives */
};

struct stack {
    struct constant items[STACK_MAX];
    size_t count;
};

static bool push(struct stack *stack, uint64_t value, bool known)
{
    if (stack->count == STACK_MAX)
        return false;
    stack->items[stack->count++] = (struct constant){value, known};
    return true;
}

/* Adds, subtracts or multiplies; the low 32 bits of the result are those of an i32. */
static bool calculate(struct stack *stack, unsigned op)
{
    if (stack->count < 2)
        return false;
    struct constant b = stack->items[--stack->count];
    struct constant *a = &stack->items[stack->count - 1];
    a->value = op == 0 ? a->value + b.value : op == 1 ? a->value - b.value : a->value * b.value;
    a->known = a->known && b.known;
    return true;
}

/* Does one instruction; false: it is none of those that are followed here. */
static bool follow(struct reader *reader, uint8_t op, struct stack *stack)
{
    switch (op) {
    case OP_I32_CONST:
        return push(stack, (uint64_t)reader_signed(reader, 32), true);
    case OP_I64_CONST:
        return push(stack, (uint64_t)reader_signed(reader, 64), true);
    case OP_GLOBAL_GET:
    case OP_REF_FUNC:
        reader_u32(reader);
        return push(stack, 0, false);
    case OP_REF_NULL:
        reader_signed(reader, 33); /* the type */
        return push(stack, 0, false);
    case 0x6a: /* i32.add, i32.sub, i32.mul */
    case 0x6b:
    case 0x6c:
        return calculate(stack, op - 0x6au);
    case 0x7c: /* the same of i64 */
    case 0x7d:
    case 0x7e:
        return calculate(stack, op - 0x7cu);
    default:
        return false;
    }
}

/* Reads a constant expression; false: it cannot be followed. */
static bool read_constant(struct reader *reader, struct constant *out)
{
    struct stack stack = {.count = 0};
    uint8_t op = reader_byte(reader);
    for (; !reader_failed(reader) && op != OP_END; op = reader_byte(reader)) {
        if (!follow(reader, op, &stack))
            return false;
    }
    if (reader_failed(reader) || stack.count != 1)
        return false;
    *out = stack.items[0];
    return true;
}

/* --- Segments --- */

/* The part of the module that a segment is for. */
struct target {
    const char *what, *where; /* "data", "memory" */
    bool wide;
    uint64_t size;
};

static void doubt_segment(const struct trial *trial, const char *what)
{
    trial_doubt(trial,
                mem_printf("a segment of %s has a place that is computed when the module starts, "
                           "and may not fit",
                           what),
                NULL, mem_dup("link the module at a fixed place (without -pie and -shared)"));
}

static void check_place(const struct trial *trial, const struct target *target,
                        const struct constant *place, uint64_t count)
{
    uint64_t at = target->wide ? place->value : (uint32_t)place->value;
    if (!place->known)
        doubt_segment(trial, target->what);
    else if (at > target->size || count > target->size - at)
        trial_refuse(
            trial,
            mem_printf("a segment of %s lies outside its %s: %" PRIu64 " from %" PRIu64
                       " on, of %" PRIu64,
                       target->what, target->where, count, at, target->size),
            trial_quote(trial->rules->words.instance, NULL),
            mem_printf("raise the initial size of the %s in the linker's options", target->where));
}

/* Looks at one segment; false: those behind it are not looked at. */
static bool check_data(const struct trial *trial, struct reader *reader)
{
    uint32_t flags = reader_u32(reader);
    uint32_t memory = flags == 2 ? reader_u32(reader) : 0;
    bool active = flags != 1;
    struct constant place;
    if (active && memory >= trial->module->memory_count)
        return false;
    if (active && !read_constant(reader, &place)) {
        doubt_segment(trial, "data");
        return false;
    }
    uint32_t bytes = reader_u32(reader);
    const struct limits *limits = active ? &trial->module->memories[memory] : NULL;
    if (limits && limits->min < UINT64_MAX >> limits->page_bits) {
        const struct target target = {"data", "memory", limits->wide,
                                      limits->min << limits->page_bits};
        check_place(trial, &target, &place, bytes);
    }
    reader_skip(reader, bytes);
    return true;
}

/* Passes over the kind of the entries, or over their type where they are expressions. */
static void skip_kind(struct reader *reader, bool type)
{
    uint8_t kind = reader_byte(reader);
    if (type && (kind == VALUE_REF || kind == VALUE_REF_NULL))
        reader_signed(reader, 33); /* what it refers to */
}

static bool skip_entries(struct reader *reader, uint32_t count, bool expressions)
{
    struct constant ignored;
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        if (!expressions)
            reader_u32(reader);
        else if (!read_constant(reader, &ignored))
            return false;
    }
    return true;
}

/* The same. */
static bool check_elements(const struct trial *trial, struct reader *reader)
{
    uint32_t flags = reader_u32(reader);
    bool active = !(flags & 1);
    uint32_t table = active && flags & 2 ? reader_u32(reader) : 0;
    struct constant place;
    if (active && table >= trial->module->table_count)
        return false;
    if (active && !read_constant(reader, &place)) {
        doubt_segment(trial, "elements");
        return false;
    }
    if (flags & 3)
        skip_kind(reader, flags & 4);
    uint32_t entries = reader_u32(reader);
    if (active && !reader_failed(reader)) {
        const struct limits *limits = &trial->module->tables[table].limits;
        const struct target target = {"elements", "table", limits->wide, limits->min};
        check_place(trial, &target, &place, entries);
    }
    return skip_entries(reader, entries, flags & 4);
}

static void check_segments(const struct trial *trial, struct reader *reader)
{
    for (size_t i = 0; i < trial->module->section_count; i++) {
        const struct module_section *section = &trial->module->sections[i];
        bool elements = section->id == SECTION_ELEMENT && !trial->rules->lax_elements;
        if (section->id != SECTION_DATA && !elements)
            continue;
        enter(reader, section);
        uint32_t left = reader_u32(reader);
        bool more = true;
        for (; left && more && !reader_failed(reader); left--)
            more = elements ? check_elements(trial, reader) : check_data(trial, reader);
        if (left)
            doubt_segment(trial, elements ? "elements" : "data");
    }
}

/* Does making the instance need memory of an amount that only the engine can tell? */
static void check_arrays(const struct trial *trial)
{
    if (trial->module->makes_arrays)
        trial_doubt(trial,
                    mem_dup("a constant expression of the module makes an array, whose length may "
                            "be more than the engine has room for"),
                    trial_quote(trial->rules->words.instance, NULL),
                    mem_dup("make the array in a function"));
}

void trial_check_segments(const struct trial *trial)
{
    check_arrays(trial);
    AUTO(reader_release) struct reader reader;
    struct err ignored = {.wordless = true};
    reader_init_fd(&reader, trial->fd, "the module", &ignored);
    if (!reader_failed(&reader))
        check_segments(trial, &reader);
}
