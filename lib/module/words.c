#include "module/words.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/mem.h"

enum { WORDS_MAX = 4096 };

/* " (1.1 MiB)"; "" when the number says it all. */
static void add_bytes(struct buf *out, uint64_t pages, unsigned page_bits)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (page_bits > 16 || (pages && pages > UINT64_MAX >> page_bits))
        return;
    uint64_t bytes = pages << page_bits, whole = bytes;
    size_t unit = 0;
    for (; whole >= 1024 && unit + 1 < COUNT(units); unit++)
        whole /= 1024;
    uint64_t rest = bytes - (whole << 10 * unit);
    buf_printf(out, " (%" PRIu64, whole);
    if (rest)
        buf_printf(out, ".%" PRIu64, (rest >> 10 * (unit - 1)) * 10 / 1024);
    buf_printf(out, " %s)", units[unit]);
}

static void add_max(struct buf *out, const struct limits *limits)
{
    if (limits->has_max)
        buf_printf(out, ", at most %" PRIu64, limits->max);
    else
        buf_add_text(out, ", no maximum");
}

char *limits_memory_words(const struct limits *limits)
{
    struct buf out = BUF_INIT(WORDS_MAX);
    buf_printf(&out, "%" PRIu64 "%s%s page%s", limits->min, limits->shared ? " shared" : "",
               limits->wide ? " 64-bit" : "", limits->min == 1 ? "" : "s");
    add_bytes(&out, limits->min, limits->page_bits);
    add_max(&out, limits);
    return buf_steal(&out);
}

char *table_words(const struct table_type *table)
{
    AUTO_FREE char *element = value_type_text(table->element);
    struct buf out = BUF_INIT(WORDS_MAX);
    buf_printf(&out, "%s, %" PRIu64 " entr%s", element, table->limits.min,
               table->limits.min == 1 ? "y" : "ies");
    add_max(&out, &table->limits);
    return buf_steal(&out);
}

static char *global_words(const struct global_type *global)
{
    AUTO_FREE char *value = value_type_text(global->value);
    return mem_printf("%s%s", global->mutable ? "mut " : "", value);
}

char *module_extern_words(const struct module *module, enum extern_kind kind, uint32_t index)
{
    switch (kind) {
    case EXTERN_FUNC:
        return type_words(module_func_type(module, index));
    case EXTERN_TABLE:
        return table_words(&module->tables[index]);
    case EXTERN_MEMORY:
        return limits_memory_words(&module->memories[index]);
    case EXTERN_GLOBAL:
        return global_words(&module->globals[index]);
    case EXTERN_TAG:
        return type_words(&module->types[module->tags[index]]);
    }
    return mem_dup("");
}
