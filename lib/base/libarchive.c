#include "base/libarchive.h"

#include "base/lazy.h"
#include "base/mem.h"

#define ARCHIVE_SONAME "libarchive.so.13"

DLOPEN_NOTE(archive, "[{\"feature\":\"tar\",\"description\":\"layers and archives of images\","
                     "\"priority\":\"recommended\",\"soname\":[\"" ARCHIVE_SONAME "\"]}]");

#define DEFINE(name) __typeof__(archive_##name) *lib_##name;
LIBARCHIVE_FUNCTIONS(DEFINE)

int libarchive_load(struct err *err)
{
#define SYMBOL(name) {"archive_" #name, &lib_##name},
    static const struct lazy_symbol symbols[] = {LIBARCHIVE_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {ARCHIVE_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}
