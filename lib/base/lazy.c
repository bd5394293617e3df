#include "base/lazy.h"

#include <dlfcn.h>
#include <string.h>

int lazy_load(struct lazy_library *library, struct err *err)
{
    if (library->handle)
        return 0;
    void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
    if (!handle)
        return err_set(err, ERR_NOT_FOUND, "load %s: %s: install the package that has it",
                       library->soname, dlerror());
    for (size_t i = 0; i < library->symbol_count; i++) {
        void *address = dlsym(handle, library->symbols[i].name);
        if (!address) {
            dlclose(handle);
            return err_set(err, ERR_NOT_FOUND, "load %s: it has no %s: install a newer version",
                           library->soname, library->symbols[i].name);
        }
        memcpy(library->symbols[i].slot, &address, sizeof(address));
    }
    library->handle = handle;
    return 0;
}
