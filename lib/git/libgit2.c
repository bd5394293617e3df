#include "git/libgit2.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/lazy.h"
#include "base/mem.h"
#include "git/limits.h"
#include "git/memory.h"

/* The name differs from one minor version of libgit2 to the next, and so do its structs: the name
 * of the version whose header was read. */
#define GIT_SONAME "libgit2.so." LIBGIT2_SOVERSION

/* Objects in one fetch: ten times those of a shallow fetch of the largest public repositories. */
#define PACK_OBJECTS_MAX ((size_t)4 * 1000 * 1000)

DLOPEN_NOTE(git, "[{\"feature\":\"git\",\"description\":\"sources from git, and provenance\","
                 "\"priority\":\"recommended\",\"soname\":[\"" GIT_SONAME "\"]}]");

#define DEFINE(name) __typeof__(git_##name) *lib_##name;
LIBGIT2_FUNCTIONS(DEFINE)

int libgit2_load(struct err *err)
{
#define SYMBOL(name) {"git_" #name, &lib_##name},
    static const struct lazy_symbol symbols[] = {LIBGIT2_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {GIT_SONAME, symbols, COUNT(symbols), NULL};
    bool first = !library.handle;
    int rc = lazy_load(&library, err);
    if (rc || !first)
        return rc;
    (void)lib_libgit2_opts(GIT_OPT_SET_ALLOCATOR, memory_allocator());
    if (lib_libgit2_init() < 0)
        return err_set(err, ERR_FAILED, "libgit2 cannot be made ready");
    (void)lib_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, PACK_OBJECTS_MAX);
    return 0;
}

int libgit2_fail(struct err *err, int code, const char *format, ...)
{
    const git_error *last = lib_error_last();
    va_list args;
    va_start(args, format);
    AUTO_FREE char *what = mem_vprintf(format, args);
    va_end(args);
    if (memory_refused())
        return err_set(err, ERR_DAMAGED, "%s: an object of the repository has more than %lld MiB",
                       what, GIT_FILE_BYTES / 1024 / 1024);
    return err_set(err, code == GIT_ENOTFOUND ? ERR_NOT_FOUND : ERR_FAILED, "%s: %s", what,
                   last && last->message ? last->message : "libgit2 does not say why");
}
