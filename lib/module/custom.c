#include "module/custom.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool custom_open(struct reader *reader, int fd, const struct module *module, const char *name,
                 struct err *err)
{
    reader_init_fd(reader, fd, "the module", err);
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        if (!section->name || strcmp(section->name, name) != 0)
            continue;
        reader->at = section->offset;
        if (section->offset + section->size < reader->end)
            reader->end = section->offset + section->size;
        free(reader_name(reader));
        return !reader_failed(reader);
    }
    return false;
}

int custom_close(struct reader *reader)
{
    int rc = reader->rc;
    if (rc == ERR_DAMAGED) {
        err_release(reader->err);
        rc = 0;
    }
    reader_release(reader);
    return rc;
}
