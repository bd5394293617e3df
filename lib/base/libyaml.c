#include "base/libyaml.h"

#include "base/lazy.h"
#include "base/mem.h"

#define YAML_SONAME "libyaml-0.so.2"

DLOPEN_NOTE(yaml, "[{\"feature\":\"manifests\",\"description\":\"YAML of deploy and run\","
                  "\"priority\":\"recommended\",\"soname\":[\"" YAML_SONAME "\"]}]");

#define DEFINE(name) __typeof__(yaml_##name) *lib_##name;
LIBYAML_FUNCTIONS(DEFINE)

int libyaml_load(struct err *err)
{
#define SYMBOL(name) {"yaml_" #name, &lib_##name},
    static const struct lazy_symbol symbols[] = {LIBYAML_FUNCTIONS(SYMBOL)};
    static struct lazy_library library = {YAML_SONAME, symbols, COUNT(symbols), NULL};
    return lazy_load(&library, err);
}
