#include "cmd/inspect_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/visible.h"
#include "cmd/json_print.h"
#include "cmd/table.h"

enum { JSON_MAX = 256 * 1024 * 1024 };

void inspected_release(struct inspected *inspected)
{
    free(inspected->reference);
    free(inspected->path);
    runtime_config_release(&inspected->runtime);
    module_release(&inspected->module);
    abi_versions_free(inspected->abi_versions, inspected->abi_count);
}

static void print_field(const char *label, const char *text)
{
    printf("%-10s ", label);
    visible_print(text, stdout);
    putchar('\n');
}

static void print_joined(const char *label, char *const *items, size_t count, const char *none)
{
    printf("%-10s ", label);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", stdout);
        visible_print(items[i], stdout);
    }
    puts(count ? "" : none);
}

static void print_digests(const struct inspected *in)
{
    puts("Digests");
    if (in->reference) {
        printf("  manifest %s\n           the image: REF@sha256:..., oci:// URLs, the sha256 field "
               "beside oci://\n",
               in->manifest.text);
        printf("  layer    %s\n           the blob that a registry keeps, as the manifest names "
               "it\n",
               in->layer.text);
    }
    printf("  file     %s\n           the plain filter.wasm: Envoy's remote code, the sha256 field "
           "beside http(s)://\n",
           in->file.text);
}

static void print_sections(const struct module *module)
{
    printf("Sections   %zu\n", module->section_count);
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        printf("  %-10s %10" PRIu64 " bytes", module_section_name(section->id), section->size);
        if (section->name) {
            fputs("  ", stdout);
            visible_print(section->name, stdout);
        }
        putchar('\n');
    }
}

static void print_imports(const struct module *module)
{
    printf("Imports    %zu\n", module->import_count);
    for (size_t i = 0; i < module->import_count; i++) {
        printf("  %-7s ", module_kind_name(module->imports[i].kind));
        visible_print(module->imports[i].module, stdout);
        putchar('.');
        visible_print(module->imports[i].name, stdout);
        putchar('\n');
    }
}

static void print_exports(const struct module *module)
{
    printf("Exports    %zu\n", module->export_count);
    for (size_t i = 0; i < module->export_count; i++) {
        printf("  %-7s ", module_kind_name(module->exports[i].kind));
        visible_print(module->exports[i].name, stdout);
        putchar('\n');
    }
}

void inspected_print(const struct inspected *in)
{
    char size[32];
    table_size(in->size, size);
    if (in->reference)
        print_field("Image", in->reference);
    if (in->format)
        print_field("Format", in->format);
    print_field("File", in->path);
    printf("Size       %s (%lld bytes)\n", size, in->size);
    print_digests(in);
    print_joined("ABI", in->abi_versions, in->abi_count,
                 "none: proxies will answer \"Missing or unknown Proxy-Wasm ABI version\"");
    if (in->reference) {
        print_field("Type", in->runtime.type ? in->runtime.type : "");
        print_joined("Config ABI", in->runtime.abi_versions.items, in->runtime.abi_versions.count,
                     "none");
        print_joined("Root ids", in->runtime.root_ids.items, in->runtime.root_ids.count, "none");
    }
    print_sections(&in->module);
    print_imports(&in->module);
    print_exports(&in->module);
}

static void put_texts(struct buf *out, const char *key, char *const *items, size_t count)
{
    json_key(out, key);
    json_begin_array(out);
    for (size_t i = 0; i < count; i++)
        json_put_text(out, items[i]);
    json_end_array(out);
}

static void put_sections(struct buf *out, const struct module *module)
{
    json_key(out, "sections");
    json_begin_array(out);
    for (size_t i = 0; i < module->section_count; i++) {
        json_begin_object(out);
        json_put_pair(out, "section", module_section_name(module->sections[i].id));
        json_put_pair_if(out, "name", module->sections[i].name);
        json_key(out, "offset");
        json_put_int(out, (long long)module->sections[i].offset);
        json_key(out, "size");
        json_put_int(out, (long long)module->sections[i].size);
        json_end_object(out);
    }
    json_end_array(out);
}

static void put_externs(struct buf *out, const struct module *module)
{
    json_key(out, "imports");
    json_begin_array(out);
    for (size_t i = 0; i < module->import_count; i++) {
        json_begin_object(out);
        json_put_pair(out, "module", module->imports[i].module);
        json_put_pair(out, "name", module->imports[i].name);
        json_put_pair(out, "kind", module_kind_name(module->imports[i].kind));
        json_end_object(out);
    }
    json_end_array(out);
    json_key(out, "exports");
    json_begin_array(out);
    for (size_t i = 0; i < module->export_count; i++) {
        json_begin_object(out);
        json_put_pair(out, "name", module->exports[i].name);
        json_put_pair(out, "kind", module_kind_name(module->exports[i].kind));
        json_end_object(out);
    }
    json_end_array(out);
}

int inspected_print_json(const struct inspected *in, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_object(&out);
    json_put_pair_if(&out, "reference", in->reference);
    json_put_pair(&out, "file", in->path);
    json_key(&out, "size");
    json_put_int(&out, in->size);
    json_put_pair_if(&out, "manifestDigest", in->manifest.text);
    json_put_pair_if(&out, "format", in->format);
    json_put_pair_if(&out, "layerDigest", in->layer.text);
    json_put_pair(&out, "fileDigest", in->file.text);
    put_texts(&out, "abiVersions", in->abi_versions, in->abi_count);
    if (in->reference) {
        json_key(&out, "runtimeConfig");
        runtime_config_write(&in->runtime, &out);
    }
    put_sections(&out, &in->module);
    put_externs(&out, &in->module);
    json_end_object(&out);
    return json_print(&out, in->path, err);
}
