#include "module/code_section.h"

#include <inttypes.h>

#include "base/mem.h"
#include "module/code.h"

#define BODY_BYTES 3 /* the fewest: the size, no locals, end */

static void read_body(struct code *code, struct module *out, size_t index)
{
    struct reader *reader = code->reader;
    uint64_t start = reader->at;
    uint32_t size = reader_u32(reader);
    if (size > reader_left(reader))
        reader_damaged(reader, start,
                       "function %zu: a body of %" PRIu32 " bytes goes past its section",
                       out->imported_funcs + index, size);
    else if (size > MODULE_MAX_BODY)
        reader_damaged(reader, start, "function %zu: a body of %" PRIu32 " bytes is longer than %d",
                       out->imported_funcs + index, size, MODULE_MAX_BODY);
    if (reader_failed(reader))
        return;
    uint64_t at = reader->at, instructions;
    out->bodies[index] = (struct module_body){.offset = at, .size = size, .locals_offset = at};
    out->body_count = index + 1;
    code_begin(code, index);
    code_check(code, &instructions);
    out->bodies[index].offset = instructions;
    out->bodies[index].size = (uint32_t)(at + size - instructions);
    reader->at = at + size;
}

void code_section_read(struct reader *reader, struct module *out)
{
    uint64_t start = reader->at;
    size_t wanted = out->func_count - out->imported_funcs;
    uint32_t count = reader_count(reader, "bodies", BODY_BYTES, MODULE_MAX_FUNCTIONS);
    if (count != wanted)
        reader_damaged(reader, start, "%" PRIu32 " bodies for %zu functions", count, wanted);
    if (reader_failed(reader))
        return;
    out->bodies = mem_zero(count, sizeof(*out->bodies));
    AUTO(code_release) struct code code = {0};
    code_init(&code, reader, out);
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++)
        read_body(&code, out, i);
    out->features |= code.features;
    reader_expect_end(reader, "bodies");
}
