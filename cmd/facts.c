#include "cmd/facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/host.h"
#include "module/words.h"

static const struct {
    const char *label, *key;
} names[FACT_COUNT] = {
    [FACT_FORMAT] = {"Format", "format"},
    [FACT_TYPE] = {"Type", "type"},
    [FACT_CONFIG_ABI] = {"Config ABI", "configAbiVersions"},
    [FACT_ROOT_IDS] = {"Root ids", "rootIds"},
    [FACT_ABI] = {"ABI", "abiVersions"},
    [FACT_KIND] = {"Kind", "kind"},
    [FACT_FEATURES] = {"Features", "features"},
    [FACT_MEMORY] = {"Memory", "memory"},
    [FACT_TABLE] = {"Table", "table"},
    [FACT_START] = {"Start", "start"},
    [FACT_LANGUAGE] = {"Language", "languages"},
    [FACT_TOOLS] = {"Made by", "tools"},
    [FACT_SDK] = {"SDK", "sdks"},
};

const char *fact_label(enum fact_kind kind)
{
    return names[kind].label;
}

const char *fact_key(enum fact_kind kind)
{
    return names[kind].key;
}

static void add(struct fact *fact, char *item)
{
    size_t n = fact->count;
    if ((n & (n - 1)) == 0) /* a power of two: full */
        fact->items = mem_resize(fact->items, n ? 2 * n : 1, sizeof(*fact->items));
    fact->items[fact->count++] = item;
}

static void add_all(struct fact *fact, char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(fact, mem_dup(items[i]));
}

static void add_image(const struct inspected *in, struct facts *out)
{
    const struct runtime_config *config = &in->runtime;
    if (in->format)
        add(&out->of[FACT_FORMAT], mem_dup(in->format));
    if (config->type)
        add(&out->of[FACT_TYPE], mem_dup(config->type));
    add_all(&out->of[FACT_CONFIG_ABI], config->abi_versions.items, config->abi_versions.count);
    add_all(&out->of[FACT_ROOT_IDS], config->root_ids.items, config->root_ids.count);
}

static void add_features(const struct module *module, struct fact *out)
{
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        if (module->features & 1u << i)
            add(out, mem_dup(feature_name((enum feature)i)));
    }
}

/* ", exported as memory", of the first export of that index. */
static char *exported_as(const struct module *module, enum extern_kind kind, size_t index)
{
    for (size_t i = 0; i < module->export_count; i++) {
        if (module->exports[i].kind == kind && module->exports[i].index == index)
            return mem_printf(", exported as %s", module->exports[i].name);
    }
    return mem_dup(", not exported");
}

static void add_memories(const struct module *module, struct fact *out)
{
    for (size_t i = 0; i < module->memory_count; i++) {
        AUTO_FREE char *words = limits_memory_words(&module->memories[i]);
        AUTO_FREE char *exported = exported_as(module, EXTERN_MEMORY, i);
        add(out, mem_printf("%s%s%s", words, i < module->imported_memories ? ", imported" : "",
                            exported));
    }
}

static void add_tables(const struct module *module, struct fact *out)
{
    for (size_t i = 0; i < module->table_count; i++) {
        AUTO_FREE char *words = table_words(&module->tables[i]);
        add(out, mem_printf("%s%s", words, i < module->imported_tables ? ", imported" : ""));
    }
}

/* The functions that hosts call, or that run by themselves, before all others. */
static void add_start(const struct module *module, struct fact *out)
{
    static const char *const exports[] = {"_start", "_initialize"};
    for (size_t i = 0; i < COUNT(exports); i++) {
        if (module_find_export(module, EXTERN_FUNC, exports[i]))
            add(out, mem_dup(exports[i]));
    }
    if (module->has_start)
        add(out, mem_dup("a start section"));
}

/* The producers of that field, "rustc 1.70.0". */
static void add_producers(const struct module_producers *producers, const char *field,
                          struct fact *out)
{
    for (size_t i = 0; i < producers->count; i++) {
        const struct module_producer *one = &producers->items[i];
        if (strcmp(one->field, field) == 0)
            add(out, mem_printf("%s%s%s", one->name, *one->version ? " " : "", one->version));
    }
}

void facts_find(const struct inspected *in, struct facts *out)
{
    const struct module *module = &in->module;
    *out = (struct facts){0};
    if (in->reference)
        add_image(in, out);
    add_all(&out->of[FACT_ABI], in->abi_versions, in->abi_count);
    add(&out->of[FACT_KIND], host_module_kind(module));
    add_features(module, &out->of[FACT_FEATURES]);
    add_memories(module, &out->of[FACT_MEMORY]);
    add_tables(module, &out->of[FACT_TABLE]);
    add_start(module, &out->of[FACT_START]);
    add_producers(&in->producers, "language", &out->of[FACT_LANGUAGE]);
    add_producers(&in->producers, "processed-by", &out->of[FACT_TOOLS]);
    add_producers(&in->producers, "sdk", &out->of[FACT_SDK]);
}

void facts_release(struct facts *facts)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        for (size_t k = 0; k < facts->of[i].count; k++)
            free(facts->of[i].items[k]);
        free(facts->of[i].items);
    }
    *facts = (struct facts){0};
}

bool fact_holds(const struct fact *fact, const char *item)
{
    for (size_t i = 0; i < fact->count; i++) {
        if (strcmp(fact->items[i], item) == 0)
            return true;
    }
    return false;
}
