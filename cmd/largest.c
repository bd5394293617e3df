#include "cmd/largest.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"

static uint64_t size_of(const struct module_body *body)
{
    return body->offset + body->size - body->locals_offset;
}

/* The largest first; of the same size, in the order of the file. */
static int compare(const void *a, const void *b)
{
    const struct module_body *x = *(const struct module_body *const *)a;
    const struct module_body *y = *(const struct module_body *const *)b;
    if (size_of(x) != size_of(y))
        return size_of(x) < size_of(y) ? 1 : -1;
    return (x > y) - (x < y);
}

/* The first name under which each function is exported, or NULL. The caller frees the array
 * alone. */
static const char **list_exported(const struct module *module)
{
    const char **names = mem_zero(module->func_count + 1, sizeof(*names));
    for (size_t i = module->export_count; i > 0; i--) {
        const struct module_export *export = &module->exports[i - 1];
        if (export->kind == EXTERN_FUNC)
            names[export->index] = export->name;
    }
    return names;
}

static char *name_of(const struct inspected *in, const char *exported, uint32_t index)
{
    const char *name = module_names_func(&in->names, index);
    if (name && *name)
        return mem_dup(name);
    return exported ? mem_dup(exported) : mem_printf("function %" PRIu32, index);
}

void largest_find(const struct inspected *in, size_t wanted, struct largest *out)
{
    const struct module *module = &in->module;
    size_t count = module->body_count;
    AUTO_FREE const struct module_body **sorted = mem_zero(count + 1, sizeof(*sorted));
    AUTO_FREE const char **exported = list_exported(module);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &module->bodies[i];
    qsort(sorted, count, sizeof(*sorted), compare);
    out->count = wanted < count ? wanted : count;
    out->items = mem_zero(out->count + 1, sizeof(*out->items));
    for (size_t i = 0; i < out->count; i++) {
        size_t at = (size_t)(sorted[i] - module->bodies);
        struct large *large = &out->items[i];
        large->index = (uint32_t)(module->imported_funcs + at);
        large->size = size_of(sorted[i]);
        large->name = name_of(in, exported[large->index], large->index);
    }
}

void largest_release(struct largest *largest)
{
    for (size_t i = 0; i < largest->count; i++)
        free(largest->items[i].name);
    free(largest->items);
}
