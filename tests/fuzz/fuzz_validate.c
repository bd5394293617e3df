/* Any module that the reader accepts: one verdict, with a reason unless it is valid. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "module/module.h"
#include "module/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(module_release) struct module module = {0};
    AUTO(validation_release) struct validation found = {0};
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("module", MFD_CLOEXEC);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    if (module_read(fd, "fuzz", &module, ERR_IGNORED) != 0)
        return 0;
    /* The reader has checked all that is not a type. */
    if (module_validate(fd, &module, &found, ERR_IGNORED) != 0)
        abort();
    if ((found.result == MODULE_VALID) != (found.why == NULL))
        abort();
    return 0;
}
