#include "base/lazy.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

/* One lock for all libraries: loading is rare, and takes the dynamic linker's own lock anyway. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **mutex)
{
    (void)pthread_mutex_unlock(*mutex);
}

/* Opens the library and fills the slots. */
static int load(struct lazy_library *library, struct err *err)
{
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
    /* A thread that sees the handle sees the slots, too. */
    atomic_store_explicit(&library->handle, handle, memory_order_release);
    return 0;
}

int lazy_load(struct lazy_library *library, struct err *err)
{
    if (atomic_load_explicit(&library->handle, memory_order_acquire))
        return 0;
    AUTO(unlock) pthread_mutex_t *held = &loading;
    (void)pthread_mutex_lock(held);
    if (atomic_load_explicit(&library->handle, memory_order_relaxed))
        return 0;
    return load(library, err);
}
