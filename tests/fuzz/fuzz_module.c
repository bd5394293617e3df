/* Any bytes: a module or a refusal, in bounded memory, and the same from memory as from a file. The
 * bodies of a module can be read an instruction at a time; calls, names and producers be found. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "module/abi.h"
#include "module/code.h"
#include "module/module.h"
#include "module/names.h"
#include "module/producers.h"
#include "module/reach.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct module *module)
{
    char **versions = NULL;
    size_t count = 0;
    uint64_t last = 8;
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        if (section->offset < last || section->offset + section->size > module->size)
            abort();
        last = section->offset + section->size;
    }
    for (size_t i = 0; i < module->import_count; i++) {
        if (!module->imports[i].module || !module->imports[i].name)
            abort();
    }
    abi_versions(module, &versions, &count);
    abi_versions_free(versions, count);
}

static int file_of(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("module", MFD_CLOEXEC);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    return fd;
}

/* What code_check() has accepted, the slower functions accept as well. */
static void read_bodies(int fd, const struct module *module)
{
    AUTO(reader_release) struct reader reader;
    AUTO(code_release) struct code code;
    struct value_type type;
    struct insn insn;
    uint32_t count;
    reader_init_fd(&reader, fd, "fuzz", ERR_IGNORED);
    code_init(&code, &reader, module);
    for (size_t i = 0; i < module->body_count; i++) {
        code_begin(&code, i);
        while (code_locals(&code, &count, &type))
            ;
        if (!reader_failed(&reader) &&
            code.offset + (uint64_t)(code.at - code.start) != module->bodies[i].offset)
            abort();
        while (code_next(&code, &insn))
            ;
    }
    if (reader_failed(&reader) || (code.features & ~module->features))
        abort();
}

#define MAX_REACHED 16 /* functions that are looked into, of each module */

static void look_into(int fd, const struct module *module)
{
    for (uint32_t i = 0; i < module->func_count && i < MAX_REACHED; i++) {
        AUTO(module_reach_release) struct module_reach reach = {0};
        if (module_reach_find(fd, module, i, &reach, ERR_IGNORED) != 0)
            abort();
        for (size_t at = 0; at < module->func_count; at++) {
            if (reach.must[at] && !reach.may[at])
                abort();
        }
    }
    AUTO(module_names_release) struct module_names names = {0};
    AUTO(module_producers_release) struct module_producers producers = {0};
    if (module_names_read(fd, module, &names, ERR_IGNORED) != 0 ||
        module_producers_read(fd, module, &producers, ERR_IGNORED) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    struct err err = ERR_INIT;
    int fd = file_of(data, size);
    int rc = module_read(fd, "fuzz", &module, &err);
    if ((rc != 0) != (err.message != NULL))
        abort();
    err_release(&err);
    if (rc != 0)
        return 0;
    check(&module);
    read_bodies(fd, &module);
    look_into(fd, &module);
    return 0;
}
