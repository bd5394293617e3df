#include "cmd/inspect_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/visible.h"
#include "cmd/chart.h"
#include "cmd/facts.h"
#include "cmd/largest.h"
#include "cmd/table.h"
#include "module/host/standard.h"
#include "module/words.h"

enum { LABEL_WIDTH = 11 };

static void print_field(const char *label, const char *text)
{
    printf("%-10s ", label);
    visible_print(text, stdout);
    putchar('\n');
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

/* --- Facts --- */

/* The words that stand for an empty list; NULL: the line is left out. */
static const char *words_for_none(enum fact_kind kind)
{
    switch (kind) {
    case FACT_ABI:
        return "none: proxies will answer \"Missing or unknown Proxy-Wasm ABI version\"";
    case FACT_TYPE:
        return "";
    case FACT_FEATURES:
        return "none beyond WebAssembly 1.0";
    case FACT_CONFIG_ABI:
    case FACT_ROOT_IDS:
    case FACT_MEMORY:
    case FACT_START:
        return "none";
    default:
        return NULL;
    }
}

/* Prints the items with commas between them, on further lines where the columns do not suffice. */
static void print_wrapped(const struct fact *fact, size_t columns)
{
    size_t at = LABEL_WIDTH;
    for (size_t i = 0; i < fact->count; i++) {
        size_t len = strlen(fact->items[i]) + (i + 1 < fact->count);
        if (i && at + 1 + len > columns) {
            printf("\n%*s", LABEL_WIDTH, "");
            at = LABEL_WIDTH;
        } else if (i) {
            putchar(' ');
            at++;
        }
        visible_print(fact->items[i], stdout);
        fputs(i + 1 < fact->count ? "," : "", stdout);
        at += len;
    }
    putchar('\n');
}

static void print_fact(const struct facts *facts, enum fact_kind kind)
{
    const struct fact *fact = &facts->of[kind];
    const char *none = words_for_none(kind);
    bool lines = kind == FACT_MEMORY || kind == FACT_TABLE; /* an item has commas of its own */
    bool one = kind == FACT_ABI || kind == FACT_CONFIG_ABI || kind == FACT_ROOT_IDS;
    if (!fact->count && !none)
        return;
    printf("%-10s ", fact_label(kind));
    if (!fact->count)
        puts(none);
    else if (!lines)
        print_wrapped(fact, one ? SIZE_MAX : (size_t)chart_columns());
    for (size_t i = 0; lines && i < fact->count; i++) {
        printf("%*s", i ? LABEL_WIDTH : 0, "");
        visible_print(fact->items[i], stdout);
        putchar('\n');
    }
}

/* --- Sections and functions --- */

static uint64_t largest_section(const struct module *module)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < module->section_count; i++)
        largest = module->sections[i].size > largest ? module->sections[i].size : largest;
    return largest;
}

static void print_sections(const struct module *module)
{
    enum { BEFORE_BAR = 38 };
    int cells = (chart_columns() - BEFORE_BAR) / 2;
    uint64_t most = largest_section(module);
    printf("Sections   %zu\n", module->section_count);
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        AUTO_FREE char *bar = chart_bar(section->size, most, cells);
        char percent[16];
        chart_percent(section->size, module->size, percent);
        printf("  %-10s %10" PRIu64 " bytes  %6s%s%s", module_section_name(section->id),
               section->size, percent, *bar ? "  " : "", bar);
        if (section->name) {
            printf("%*s", cells - (int)strlen(bar) + (*bar ? 2 : 4), "");
            visible_print(section->name, stdout);
        }
        putchar('\n');
    }
}

static void print_functions(const struct inspected *in, size_t wanted)
{
    enum { BEFORE_BAR = 28 };
    AUTO(largest_release) struct largest found = {0};
    int columns = chart_columns();
    int cells = (columns - BEFORE_BAR) / 3;
    largest_find(in, wanted, &found);
    printf("Functions  %zu, and %zu imported%s\n", in->module.body_count, in->module.imported_funcs,
           found.count ? "; the largest:" : "");
    for (size_t i = 0; i < found.count; i++) {
        const struct large *large = &found.items[i];
        AUTO_FREE char *bar = chart_bar(large->size, found.items[0].size, cells);
        AUTO_FREE char *name = chart_cut(large->name, columns - BEFORE_BAR - cells - 2);
        char percent[16];
        chart_percent(large->size, in->module.size, percent);
        printf("  %10" PRIu64 " bytes  %6s  %-*s  %s\n", large->size, percent, cells, bar, name);
    }
}

/* --- Imports and exports --- */

enum { NOTE_INDENT = 10 };

/* Says which hosts have a function that no standard has. */
static void print_hosts(const struct module_import *import)
{
    AUTO_FREE char *hosts = standard_hosts(import);
    printf("%*sno function of proxy-wasm or WASI preview 1; ", NOTE_INDENT, "");
    if (hosts)
        printf("hosts that have one of that name: %s\n", hosts);
    else
        puts("no known host has it");
}

/* Prints the type behind a name, and a line about it where it is not that of the standard. */
static void print_type(const struct module *module, enum extern_kind kind, uint32_t index,
                       enum standard_fit fit, const char *signature)
{
    AUTO_FREE char *words = module_extern_words(module, kind, index);
    printf("  %s\n", words);
    if (fit == STANDARD_OTHER) {
        AUTO_FREE char *standard = signature_words(signature);
        printf("%*sanother type than the standard has: %s\n", NOTE_INDENT, "", standard);
    }
}

static void print_imports(const struct module *module)
{
    printf("Imports    %zu\n", module->import_count);
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        const char *signature = NULL;
        enum standard_fit fit = standard_import(module, import, &signature);
        printf("  %-7s ", module_kind_name(import->kind));
        visible_print(import->module, stdout);
        putchar('.');
        visible_print(import->name, stdout);
        if (fit == STANDARD_SAME)
            putchar('\n');
        else
            print_type(module, import->kind, import->index, fit, signature);
        if (fit == STANDARD_UNKNOWN && import->kind == EXTERN_FUNC)
            print_hosts(import);
    }
}

static void print_exports(const struct module *module)
{
    printf("Exports    %zu\n", module->export_count);
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        const char *signature = NULL;
        enum standard_fit fit = standard_export(module, export, &signature);
        printf("  %-7s ", module_kind_name(export->kind));
        visible_print(export->name, stdout);
        if (fit != STANDARD_UNKNOWN || standard_is_callback(export))
            print_type(module, export->kind, export->index, fit, signature);
        else
            putchar('\n');
    }
}

void inspected_print(const struct inspected *in, size_t functions)
{
    AUTO(facts_release) struct facts facts = {0};
    char size[32];
    table_size(in->size, size);
    facts_find(in, &facts);
    if (in->reference)
        print_field("Image", in->reference);
    if (in->format)
        print_field("Format", in->format);
    print_field("File", in->path);
    printf("Size       %s (%lld bytes)\n", size, in->size);
    print_digests(in);
    for (unsigned i = FACT_ABI; i < FACT_COUNT; i++) {
        bool of_image = i == FACT_TYPE || i == FACT_CONFIG_ABI || i == FACT_ROOT_IDS;
        if (in->reference || !of_image)
            print_fact(&facts, (enum fact_kind)i);
    }
    print_sections(&in->module);
    print_imports(&in->module);
    print_exports(&in->module);
    print_functions(in, functions);
}
