#include "module/names.h"

#include <stdlib.h>

#include "base/mem.h"
#include "module/custom.h"

enum subsection { SUBSECTION_MODULE = 0, SUBSECTION_FUNCTIONS = 1 };

#define NAME_BYTES 2 /* the fewest bytes of an entry: an index and an empty name */

static void read_functions(struct reader *reader, struct module_names *out, size_t func_count)
{
    uint32_t count = reader_count(reader, "names", NAME_BYTES, MODULE_MAX_FUNCTIONS);
    if (count && !out->funcs) {
        out->funcs = mem_zero(func_count, sizeof(*out->funcs));
        out->func_count = func_count;
    }
    for (uint32_t i = 0; i < count && !reader_failed(reader); i++) {
        uint32_t func = reader_u32(reader);
        AUTO_FREE char *name = reader_name(reader);
        if (func < func_count && !out->funcs[func])
            out->funcs[func] = STEAL(name);
    }
}

static void read_subsection(struct reader *reader, struct module_names *out, size_t func_count)
{
    uint64_t section_end = reader->end;
    uint8_t id = reader_byte(reader);
    uint32_t size = reader_u32(reader);
    if (size > reader_left(reader))
        reader_damaged(reader, reader->at, "a subsection of names goes past its section");
    if (reader_failed(reader))
        return;
    uint64_t end = reader->end = reader->at + size;
    if (id == SUBSECTION_MODULE && !out->module)
        out->module = reader_name(reader);
    else if (id == SUBSECTION_FUNCTIONS)
        read_functions(reader, out, func_count);
    reader->at = end;
    reader->end = section_end;
}

int module_names_read(int fd, const struct module *module, struct module_names *out,
                      struct err *err)
{
    struct reader reader;
    AUTO(module_names_release) struct module_names names = {0};
    if (custom_open(&reader, fd, module, "name", err)) {
        while (reader_left(&reader) && !reader_failed(&reader))
            read_subsection(&reader, &names, module->func_count);
    }
    int rc = custom_close(&reader);
    if (rc)
        return rc;
    *out = names;
    names = (struct module_names){0};
    return 0;
}

void module_names_release(struct module_names *names)
{
    for (size_t i = 0; i < names->func_count; i++)
        free(names->funcs[i]);
    free(names->funcs);
    free(names->module);
    *names = (struct module_names){0};
}

const char *module_names_func(const struct module_names *names, uint32_t func)
{
    return func < names->func_count ? names->funcs[func] : NULL;
}
