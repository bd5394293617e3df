#include "cmd/diff_find.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "module/host/standard.h"
#include "module/words.h"

/* --- Imports and exports --- */

/* An import or export, as both are compared. */
struct entry {
    const char *module; /* "" of an export */
    const char *name;
    const char *kind;
    char *type;
    bool callback;
};

struct entries {
    struct entry *items;
    size_t count;
};

static void entries_release(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].type);
    free(entries->items);
}

static int compare_names(const struct entry *a, const struct entry *b)
{
    int order = strcmp(a->module, b->module);
    return order ? order : strcmp(a->name, b->name);
}

static int compare_types(const struct entry *a, const struct entry *b)
{
    int order = strcmp(a->kind, b->kind);
    return order ? order : strcmp(a->type, b->type);
}

static int compare(const void *a, const void *b)
{
    int order = compare_names(a, b);
    return order ? order : compare_types(a, b);
}

static void sort(struct entries *entries)
{
    if (entries->count)
        qsort(entries->items, entries->count, sizeof(*entries->items), compare);
}

static void list_imports(const struct module *module, struct entries *out)
{
    out->items = mem_zero(module->import_count + 1, sizeof(*out->items));
    for (size_t i = 0; i < module->import_count; i++) {
        const struct module_import *import = &module->imports[i];
        out->items[out->count++] = (struct entry){
            .module = import->module,
            .name = import->name,
            .kind = module_kind_name(import->kind),
            .type = module_extern_words(module, import->kind, import->index),
        };
    }
    sort(out);
}

/* The limits of a memory or table are facts of their own, and change with almost every build. */
static char *export_type(const struct module *module, const struct module_export *export)
{
    if (export->kind == EXTERN_MEMORY || export->kind == EXTERN_TABLE)
        return mem_dup("");
    return module_extern_words(module, export->kind, export->index);
}

static void list_exports(const struct module *module, struct entries *out)
{
    out->items = mem_zero(module->export_count + 1, sizeof(*out->items));
    for (size_t i = 0; i < module->export_count; i++) {
        const struct module_export *export = &module->exports[i];
        out->items[out->count++] = (struct entry){
            .module = "",
            .name = export->name,
            .kind = module_kind_name(export->kind),
            .type = export_type(module, export),
            .callback = standard_is_callback(export),
        };
    }
    sort(out);
}

/* Adds what became of an entry; the one of both sides that is there gives the names. */
static void add(struct differences *out, struct entry *before, struct entry *after)
{
    size_t n = out->count;
    const struct entry *named = after ? after : before;
    if ((n & (n - 1)) == 0) /* a power of two: full */
        out->items = mem_resize(out->items, n ? 2 * n : 1, sizeof(*out->items));
    out->items[out->count++] = (struct difference){
        .change = !before  ? CHANGE_ADDED
                  : !after ? CHANGE_REMOVED
                           : CHANGE_TYPE,
        .kind = named->kind,
        .module = *named->module ? named->module : NULL,
        .name = named->name,
        .before = before ? STEAL(before->type) : NULL,
        .after = after ? STEAL(after->type) : NULL,
        .callback = named->callback,
    };
}

/* Is the entry at `at` the last one of its name? A module may import a name several times. */
static bool is_last(const struct entries *entries, size_t at)
{
    return at + 1 == entries->count ||
           compare_names(&entries->items[at], &entries->items[at + 1]) != 0;
}

/* Compares the sorted lists, and takes types out of them. */
static void compare_entries(struct entries *before, struct entries *after, struct differences *out)
{
    size_t i = 0, k = 0;
    for (;;) {
        struct entry *a = i < before->count ? &before->items[i] : NULL;
        struct entry *b = k < after->count ? &after->items[k] : NULL;
        if (!a && !b)
            return;
        int order = !a ? 1 : !b ? -1 : compare(a, b);
        bool retyped =
            a && b && order && compare_names(a, b) == 0 && is_last(before, i) && is_last(after, k);
        bool take_a = order <= 0 || retyped, take_b = order >= 0 || retyped;
        if (order)
            add(out, take_a ? a : NULL, take_b ? b : NULL);
        i += take_a;
        k += take_b;
    }
}

static void differences_release(struct differences *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].before);
        free(list->items[i].after);
    }
    free(list->items);
}

/* --- Sections --- */

/* In the order of the ids, and custom sections last, by name. */
static int compare_sections(const void *a, const void *b)
{
    const struct section_change *x = a, *y = b;
    if (x->id != y->id)
        return (uint8_t)(x->id - 1) < (uint8_t)(y->id - 1) ? -1 : 1;
    return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

static void list_sections(const struct module *module, bool after, struct diff *out)
{
    for (size_t i = 0; i < module->section_count; i++) {
        const struct module_section *section = &module->sections[i];
        long long size = (long long)section->size;
        out->sections[out->section_count++] = (struct section_change){
            .id = section->id,
            .name = section->name,
            .before = after ? 0 : size,
            .after = after ? size : 0,
        };
    }
}

static void find_sections(const struct module *before, const struct module *after, struct diff *out)
{
    size_t most = before->section_count + after->section_count, count = 0;
    out->sections = mem_zero(most + 1, sizeof(*out->sections));
    list_sections(before, false, out);
    list_sections(after, true, out);
    qsort(out->sections, out->section_count, sizeof(*out->sections), compare_sections);
    for (size_t i = 0; i < most; i++) {
        struct section_change *last = count ? &out->sections[count - 1] : NULL;
        if (last && compare_sections(last, &out->sections[i]) == 0) {
            last->before += out->sections[i].before;
            last->after += out->sections[i].after;
        } else {
            out->sections[count++] = out->sections[i];
        }
    }
    out->section_count = count;
}

/* --- All --- */

void diff_find(const struct inspected *before, const struct inspected *after, struct diff *out)
{
    AUTO(entries_release) struct entries imports_before = {0};
    AUTO(entries_release) struct entries imports_after = {0};
    AUTO(entries_release) struct entries exports_before = {0};
    AUTO(entries_release) struct entries exports_after = {0};
    *out = (struct diff){.before = before, .after = after};
    list_imports(&before->module, &imports_before);
    list_imports(&after->module, &imports_after);
    compare_entries(&imports_before, &imports_after, &out->imports);
    list_exports(&before->module, &exports_before);
    list_exports(&after->module, &exports_after);
    compare_entries(&exports_before, &exports_after, &out->exports);
    facts_find(before, &out->facts_before);
    facts_find(after, &out->facts_after);
    find_sections(&before->module, &after->module, out);
}

void diff_release(struct diff *diff)
{
    differences_release(&diff->imports);
    differences_release(&diff->exports);
    facts_release(&diff->facts_before);
    facts_release(&diff->facts_after);
    free(diff->sections);
    *diff = (struct diff){0};
}

static bool is_of_image(enum fact_kind kind)
{
    return kind == FACT_FORMAT || kind == FACT_TYPE || kind == FACT_CONFIG_ABI ||
           kind == FACT_ROOT_IDS;
}

bool diff_fact_differs(const struct diff *diff, enum fact_kind kind)
{
    const struct fact *before = &diff->facts_before.of[kind];
    const struct fact *after = &diff->facts_after.of[kind];
    if (is_of_image(kind) && !(diff->before->reference && diff->after->reference))
        return false;
    if (before->count != after->count)
        return true;
    for (size_t i = 0; i < before->count; i++) {
        if (strcmp(before->items[i], after->items[i]) != 0)
            return true;
    }
    return false;
}

bool diff_is_empty(const struct diff *diff)
{
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (diff_fact_differs(diff, (enum fact_kind)i))
            return false;
    }
    return digest_equal(&diff->before->file, &diff->after->file);
}

size_t diff_new_imports(const struct diff *diff)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->imports.count; i++)
        count += diff->imports.items[i].change != CHANGE_REMOVED;
    return count;
}

size_t diff_lost_callbacks(const struct diff *diff)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->exports.count; i++)
        count += diff->exports.items[i].callback && diff->exports.items[i].change != CHANGE_ADDED;
    return count;
}
