#include "module/code_section.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "module/code.h"

#define BODY_BYTES 3 /* the fewest: the size, no locals, end */

/* Bodies are checked side by side: threads at most, and bytes that are worth one. */
#define MAX_PARTS 4
#define PART_BYTES (1024 * 1024)

/* The bodies that one thread checks. */
struct part {
    struct module *out; /* of which only these bodies are changed */
    size_t first, last;
    struct reader reader;
    struct code code;
    struct err err;
    pthread_t thread;
    bool threaded;
};

/* Notes where a body is, and passes over it. */
static void locate(struct reader *reader, struct module *out)
{
    size_t index = out->body_count, func = out->imported_funcs + index;
    uint64_t start = reader->at;
    uint32_t size = reader_u32(reader);
    if (size > reader_left(reader))
        reader_damaged(reader, start,
                       "function %zu: a body of %" PRIu32 " bytes goes past its section", func,
                       size);
    else if (size > MODULE_MAX_BODY)
        reader_damaged(reader, start, "function %zu: a body of %" PRIu32 " bytes is longer than %d",
                       func, size, MODULE_MAX_BODY);
    if (reader_failed(reader))
        return;
    out->bodies[out->body_count++] =
        (struct module_body){.offset = reader->at, .size = size, .locals_offset = reader->at};
    reader_skip(reader, size);
}

static void *check_part(void *arg)
{
    struct part *part = arg;
    for (size_t i = part->first; i < part->last && !reader_failed(&part->reader); i++) {
        struct module_body *body = &part->out->bodies[i];
        uint64_t end = body->offset + body->size;
        code_begin(&part->code, i);
        code_check(&part->code, &body->offset);
        body->size = (uint32_t)(end - body->offset);
    }
    return NULL;
}

/* The first body of part `at` of `count`, which have about as many bytes each. */
static size_t first_of(const struct module *out, size_t at, size_t count)
{
    if (at == count)
        return out->body_count;
    uint64_t start = out->bodies[0].locals_offset;
    const struct module_body *end = &out->bodies[out->body_count - 1];
    uint64_t wanted = start + (end->locals_offset - start) / count * at;
    size_t low = 0, high = out->body_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (out->bodies[middle].locals_offset < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t count_parts(uint64_t bytes)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = (size_t)(bytes / PART_BYTES);
    if (processors > 0 && count > (size_t)processors)
        count = (size_t)processors;
    if (count > MAX_PARTS)
        count = MAX_PARTS;
    return count ? count : 1;
}

/* Waits for a part, and takes over what it found; a failure of an earlier part goes first. */
static void finish_part(struct reader *reader, struct part *part)
{
    if (part->threaded)
        pthread_join(part->thread, NULL);
    part->out->features |= part->code.features;
    reader_join(reader, &part->reader);
    code_release(&part->code);
    err_release(&part->err);
}

static void check_bodies(struct reader *reader, struct module *out, uint64_t bytes)
{
    struct part parts[MAX_PARTS];
    size_t count = count_parts(bytes);
    for (size_t i = 0; i < count; i++) {
        struct part *part = &parts[i];
        *part = (struct part){.out = out, .err = ERR_INIT};
        part->first = first_of(out, i, count);
        part->last = first_of(out, i + 1, count);
    }
    for (size_t i = 0; i < count; i++) {
        struct part *part = &parts[i];
        reader_fork(&part->reader, reader, &part->err);
        code_init(&part->code, &part->reader, out);
        part->threaded = i + 1 < count && thread_begin(&part->thread, check_part, part);
        if (!part->threaded)
            check_part(part);
    }
    for (size_t i = 0; i < count; i++)
        finish_part(reader, &parts[i]);
}

void code_section_read(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at, bytes = reader_left(reader);
    size_t wanted = out->func_count - out->imported_funcs;
    uint32_t count = reader_count(reader, "bodies", BODY_BYTES, MODULE_MAX_FUNCTIONS);
    if (count != wanted)
        reader_damaged(reader, start, "%" PRIu32 " bodies for %zu functions", count, wanted);
    if (reader_failed(reader))
        return;
    out->bodies = mem_zero(count, sizeof(*out->bodies));
    while (out->body_count < count && !reader_failed(reader))
        locate(reader, out);
    reader_expect_end(reader, "bodies");
    if (count && !reader_failed(reader))
        check_bodies(reader, out, bytes);
}
