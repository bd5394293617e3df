#include "cmd/diff_print.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/visible.h"
#include "cmd/chart.h"
#include "cmd/log.h"
#include "cmd/table.h"

enum { LABEL_WIDTH = 11, GREEN = 32, RED = 31 };

void diff_percent(long long before, long long after, char out[32])
{
    if (before && after)
        snprintf(out, 32, "%+.1f%%", 100 * (double)(after - before) / (double)before);
    else
        snprintf(out, 32, "%s", after ? "new" : "gone");
}

static void color(int code)
{
    if (isatty(STDOUT_FILENO) && log_wants_color())
        printf("\x1b[%dm", code);
}

static void print_subject(const char *label, const struct inspected *in)
{
    printf("%-10s ", label);
    visible_print(in->reference ? in->reference : in->path, stdout);
    putchar('\n');
}

static void print_size(long long before, long long after)
{
    char a[32], b[32], percent[32];
    table_size(before, a);
    table_size(after, b);
    diff_percent(before, after, percent);
    if (before != after)
        printf("Size       %s -> %s, %+lld bytes, %s\n", a, b, after - before, percent);
}

static char *joined(const struct fact *fact)
{
    size_t len = sizeof("none");
    for (size_t i = 0; i < fact->count; i++)
        len += strlen(fact->items[i]) + 2;
    struct buf out = BUF_INIT(len);
    for (size_t i = 0; i < fact->count; i++) {
        buf_add_text(&out, i ? ", " : "");
        buf_add_text(&out, fact->items[i]);
    }
    if (!fact->count)
        buf_add_text(&out, "none");
    return buf_steal(&out);
}

/* Prints both sides whole, on two lines where one does not suffice. */
static void print_both(const struct fact *before, const struct fact *after)
{
    AUTO_FREE char *old = joined(before);
    AUTO_FREE char *new = joined(after);
    bool narrow = LABEL_WIDTH + strlen(old) + strlen(new) + 4 <= (size_t)chart_columns();
    visible_print(old, stdout);
    if (narrow)
        fputs(" -> ", stdout);
    else
        printf("\n%*s-> ", LABEL_WIDTH - 3, "");
    visible_print(new, stdout);
}

/* Prints the items that only one side has; the return value is their number. */
static size_t print_items(const struct fact *of, const struct fact *than, char sign, size_t printed)
{
    for (size_t i = 0; i < of->count; i++) {
        if (fact_holds(than, of->items[i]))
            continue;
        fputs(printed++ ? ", " : "", stdout);
        color(sign == '+' ? GREEN : RED);
        putchar(sign);
        visible_print(of->items[i], stdout);
        color(0);
    }
    return printed;
}

static void print_fact(const struct diff *diff, enum fact_kind kind)
{
    const struct fact *before = &diff->facts_before.of[kind];
    const struct fact *after = &diff->facts_after.of[kind];
    if (!diff_fact_differs(diff, kind))
        return;
    printf("%-10s ", fact_label(kind));
    if (before->count <= 1 && after->count <= 1)
        print_both(before, after);
    else if (!print_items(before, after, '-', print_items(after, before, '+', 0)))
        print_both(before, after); /* the order alone differs */
    putchar('\n');
}

static void print_line(char sign, const struct difference *one, const char *type)
{
    fputs("  ", stdout);
    color(sign == '+' ? GREEN : RED);
    printf("%c %-7s ", sign, one->callback ? "callback" : one->kind);
    if (one->module) {
        visible_print(one->module, stdout);
        putchar('.');
    }
    visible_print(one->name, stdout);
    printf("%s%s", *type ? "  " : "", type);
    color(0);
    putchar('\n');
}

static void print_differences(const char *label, const struct differences *list)
{
    static const char *const words[] = {"added", "removed", "of another type"};
    size_t counts[COUNT(words)] = {0}, printed = 0;
    for (size_t i = 0; i < list->count; i++)
        counts[list->items[i].change]++;
    if (!list->count)
        return;
    printf("%-10s ", label);
    for (size_t i = 0; i < COUNT(words); i++) {
        if (counts[i])
            printf("%s%zu %s", printed++ ? ", " : "", counts[i], words[i]);
    }
    putchar('\n');
    for (size_t i = 0; i < list->count; i++) {
        const struct difference *one = &list->items[i];
        if (one->before)
            print_line('-', one, one->before);
        if (one->after)
            print_line('+', one, one->after);
    }
}

static void print_sections(const struct diff *diff)
{
    size_t printed = 0;
    for (size_t i = 0; i < diff->section_count; i++) {
        const struct section_change *section = &diff->sections[i];
        char percent[32];
        if (section->before == section->after)
            continue;
        diff_percent(section->before, section->after, percent);
        if (!printed++)
            puts("Sections         before         after");
        printf("  %-10s %10lld -> %10lld bytes  %+10lld  %6s", module_section_name(section->id),
               section->before, section->after, section->after - section->before, percent);
        if (section->name) {
            fputs("  ", stdout);
            visible_print(section->name, stdout);
        }
        putchar('\n');
    }
}

void diff_print(const struct diff *diff)
{
    const struct inspected *before = diff->before, *after = diff->after;
    print_subject("Before", before);
    print_subject("After", after);
    if (diff_is_empty(diff)) {
        puts("Nothing changed: both have the same wasm, byte for byte");
        return;
    }
    print_size(before->size, after->size);
    for (unsigned i = 0; i < FACT_COUNT; i++)
        print_fact(diff, (enum fact_kind)i);
    print_differences("Imports", &diff->imports);
    print_differences("Exports", &diff->exports);
    print_sections(diff);
    if (digest_equal(&before->file, &after->file))
        puts("Wasm       the same, byte for byte");
    else if (before->size == after->size)
        puts("Wasm       of the same size, with other bytes");
}
