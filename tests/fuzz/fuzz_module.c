/* Any bytes: a module or a refusal, in bounded memory, and the same from memory as from a file. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "module/abi.h"
#include "module/module.h"

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

static int read_as_file(const uint8_t *data, size_t size, struct module *module)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("module", MFD_CLOEXEC);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    return module_read(fd, "fuzz", module, ERR_IGNORED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    AUTO(module_release) struct module again = {0};
    struct err err = ERR_INIT;
    int rc = module_read_bytes(data, size, "fuzz", &module, &err);
    if ((rc != 0) != (err.message != NULL))
        abort();
    err_release(&err);
    if (read_as_file(data, size, &again) != rc || again.export_count != module.export_count)
        abort();
    if (rc == 0)
        check(&module);
    return 0;
}
