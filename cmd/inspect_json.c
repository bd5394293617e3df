#include "cmd/inspect_print.h"

#include <stdio.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/facts.h"
#include "cmd/json_print.h"
#include "cmd/largest.h"
#include "module/host/standard.h"
#include "module/words.h"

enum { JSON_MAX = 256 * 1024 * 1024 };

static void put_texts(struct buf *out, const char *key, char *const *items, size_t count)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < count; i++)
        json_put_text(out, items[i]);
    json_end_array(out);
}

static void put_fact(struct buf *out, const struct facts *facts, enum fact_kind kind)
{
    put_texts(out, fact_key(kind), facts->of[kind].items, facts->of[kind].count);
}

static void put_number(struct buf *out, const char *key, uint64_t number)
{
    json_key(out, key);
    json_put_int(out, number > INT64_MAX ? INT64_MAX : (long long)number);
}

static void put_flag(struct buf *out, const char *key, bool flag)
{
    json_key(out, key);
    json_put_bool(out, flag);
}

static void put_sections(struct buf *out, const struct module *module)
{
    json_key(out, "sections");
    json_begin_array(out);
    for (size_t i = 0; i < module->section_count; i++) {
        json_begin_object(out);
        json_put_pair(out, "section", module_section_name(module->sections[i].id));
        json_put_pair_if(out, "name", module->sections[i].name);
        put_number(out, "offset", module->sections[i].offset);
        put_number(out, "size", module->sections[i].size);
        json_end_object(out);
    }
    json_end_array(out);
}

/* Puts the type, and the type of the standard when that is another one. */
static void put_type(struct buf *out, const struct module *module, enum extern_kind kind,
                     uint32_t index, const char *signature)
{
    AUTO_FREE char *words = module_extern_words(module, kind, index);
    AUTO_FREE char *standard = signature ? signature_words(signature) : NULL;
    json_put_pair(out, "type", words);
    json_put_pair_if(out, "standardType", standard);
}

static void put_imports(struct buf *out, const struct module *module)
{
    json_key(out, "imports");
    json_begin_array(out);
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        const char *signature = NULL;
        enum standard_fit fit = standard_import(module, import, &signature);
        json_begin_object(out);
        json_put_pair(out, "module", import->module);
        json_put_pair(out, "name", import->name);
        json_put_pair(out, "kind", module_kind_name(import->kind));
        put_type(out, module, import->kind, import->index, signature);
        put_flag(out, "standard", fit == STANDARD_SAME);
        if (fit == STANDARD_UNKNOWN) {
            AUTO_FREE char *hosts = standard_hosts(import);
            json_put_pair_if(out, "hosts", hosts);
        }
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_exports(struct buf *out, const struct module *module)
{
    json_key(out, "exports");
    json_begin_array(out);
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        const char *signature = NULL;
        (void)standard_export(module, export, &signature);
        json_begin_object(out);
        json_put_pair(out, "name", export->name);
        json_put_pair(out, "kind", module_kind_name(export->kind));
        put_type(out, module, export->kind, export->index, signature);
        put_flag(out, "callback", standard_is_callback(export));
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_limits(struct buf *out, const struct limits *limits)
{
    put_number(out, "min", limits->min);
    if (limits->has_max)
        put_number(out, "max", limits->max);
    if (limits->shared)
        put_flag(out, "shared", true);
    if (limits->wide)
        put_flag(out, "memory64", true);
}

static void put_memories(struct buf *out, const struct module *module)
{
    json_key(out, "memories");
    json_begin_array(out);
    for (size_t i = 0; i < module->memory_count; i++) {
        const struct limits *limits = &module->memories[i];
        json_begin_object(out);
        put_limits(out, limits);
        put_number(out, "pageBytes", UINT64_C(1) << (limits->page_bits & 63));
        put_flag(out, "imported", i < module->imported_memories);
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_tables(struct buf *out, const struct module *module)
{
    json_key(out, "tables");
    json_begin_array(out);
    for (size_t i = 0; i < module->table_count; i++) {
        AUTO_FREE char *element = value_type_text(module->tables[i].element);
        json_begin_object(out);
        json_put_pair(out, "element", element);
        put_limits(out, &module->tables[i].limits);
        put_flag(out, "imported", i < module->imported_tables);
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_functions(struct buf *out, const struct inspected *in, size_t wanted)
{
    AUTO(largest_release) struct largest found = {0};
    largest_find(in, wanted, &found);
    json_key(out, "functions");
    json_begin_object(out);
    put_number(out, "imported", in->module.imported_funcs);
    put_number(out, "defined", in->module.body_count);
    json_key(out, "largest");
    json_begin_array(out);
    for (size_t i = 0; i < found.count; i++) {
        json_begin_object(out);
        put_number(out, "index", found.items[i].index);
        json_put_pair(out, "name", found.items[i].name);
        put_number(out, "size", found.items[i].size);
        json_end_object(out);
    }
    json_end_array(out);
    json_end_object(out);
}

void inspected_put_members(const struct inspected *in, size_t functions, struct buf *out)
{
    AUTO(facts_release) struct facts facts = {0};
    facts_find(in, &facts);
    json_put_pair_if(out, "reference", in->reference);
    json_put_pair(out, "file", in->path);
    json_key(out, "size");
    json_put_int(out, in->size);
    json_put_pair_if(out, "manifestDigest", in->manifest.text);
    json_put_pair_if(out, "format", in->format);
    json_put_pair_if(out, "layerDigest", in->layer.text);
    json_put_pair(out, "fileDigest", in->file.text);
    put_fact(out, &facts, FACT_ABI);
    if (in->reference) {
        json_key(out, "runtimeConfig");
        runtime_config_write(&in->runtime, out);
    }
    put_sections(out, &in->module);
    put_imports(out, &in->module);
    put_exports(out, &in->module);
    json_put_pair(out, "kind", facts.of[FACT_KIND].items[0]);
    put_fact(out, &facts, FACT_FEATURES);
    put_memories(out, &in->module);
    put_tables(out, &in->module);
    put_fact(out, &facts, FACT_START);
    for (unsigned i = FACT_LANGUAGE; i < FACT_COUNT; i++)
        put_fact(out, &facts, (enum fact_kind)i);
    put_functions(out, in, functions);
}

int inspected_print_json(const struct inspected *in, size_t functions, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_object(&out);
    inspected_put_members(in, functions, &out);
    json_end_object(&out);
    return json_print(&out, in->path, err);
}
