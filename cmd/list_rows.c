#include "cmd/list_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "cmd/json_print.h"
#include "cmd/table.h"

enum { SHORT_TAG = 32, SHORT_DIGEST = 8, JSON_MAX = 256 * 1024 * 1024 };

void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->items[i].ref);
        free(rows->items[i].name);
        free(rows->items[i].tag);
        free(rows->items[i].dir);
    }
    free(rows->items);
}

static void split_ref(const char *ref, struct row *row)
{
    const char *at = strchr(ref, '@');
    const char *end = at ? at : ref + strlen(ref);
    const char *slash = memrchr(ref, '/', (size_t)(end - ref));
    const char *name_end = slash ? slash : ref;
    const char *colon = memchr(name_end, ':', (size_t)(end - name_end));
    row->name = mem_dup_n(ref, (size_t)((colon ? colon : end) - ref));
    row->tag = colon ? mem_dup_n(colon + 1, (size_t)(end - colon - 1)) : mem_dup(at ? at + 1 : "");
}

struct row *rows_add(struct rows *rows, const char *ref)
{
    size_t n = rows->count;
    if ((n & (n - 1)) == 0)
        rows->items = mem_resize(rows->items, n ? 2 * n : 1, sizeof(*rows->items));
    struct row *row = &rows->items[rows->count++];
    *row = (struct row){.ref = mem_dup(ref), .size = -1};
    split_ref(ref, row);
    return row;
}

static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (!order)
        order = (x->updated > y->updated) - (x->updated < y->updated);
    return order ? order : strcmp(x->ref, y->ref);
}

void rows_sort(struct rows *rows)
{
    if (rows->count)
        qsort(rows->items, rows->count, sizeof(*rows->items), compare);
}

/* The digest of the wasm; if only that of the manifest is known, the latter with an @ before it, as
 * in references. */
static char *shown_digest(const struct row *row, bool wide)
{
    int len = wide ? DIGEST_HEX_LEN : SHORT_DIGEST;
    if (row->digest.text[0])
        return mem_printf("%.*s", len, digest_hex(&row->digest));
    if (row->manifest.text[0])
        return mem_printf("@%.*s", len, digest_hex(&row->manifest));
    return mem_dup("-");
}

static void add_row(struct table *table, const struct row *row, const struct rows_view *view)
{
    char size[32] = "-", updated[64] = "-";
    if (row->size >= 0)
        table_size(row->size, size);
    if (row->updated || row->dir)
        table_time(row->updated, updated);
    const char *tag = row->tag;
    AUTO_FREE char *short_tag = NULL;
    if (!view->wide && strlen(tag) > SHORT_TAG) {
        size_t skip = strncmp(tag, "sha256:", 7) == 0 ? 7 : 0;
        tag = short_tag = mem_printf("%.*s...", SHORT_TAG, tag + skip);
    }
    AUTO_FREE char *digest = shown_digest(row, view->wide);
    table_add(table, row->name);
    table_add(table, tag);
    table_add(table, size);
    table_add(table, digest);
    table_add(table, updated);
    if (view->show_dir)
        table_add(table, row->dir ? row->dir : "-");
}

void rows_print_table(const struct rows *rows, const struct rows_view *view)
{
    static const char *const titles[] = {"NAME", "TAG", "SIZE", "SHA", "UPDATED", "DIRECTORY"};
    AUTO(table_release) struct table table;
    table_init(&table, view->show_dir ? 6 : 5);
    for (size_t i = 0; i < table.columns; i++)
        table_add(&table, titles[i]);
    for (size_t i = 0; i < rows->count; i++)
        add_row(&table, &rows->items[i], view);
    table_print(&table, stdout);
}

void row_put_members(const struct row *row, struct buf *out)
{
    char stamp[CLOCK_TEXT_MAX] = "";
    if (row->updated || row->dir)
        (void)clock_format(row->updated, stamp);
    json_put_pair(out, "reference", row->ref);
    json_put_pair(out, "name", row->name);
    json_put_pair(out, "tag", row->tag);
    if (row->size >= 0) {
        json_key(out, "size");
        json_put_int(out, row->size);
    }
    json_put_pair_if(out, "wasmDigest", row->digest.text);
    json_put_pair_if(out, "manifestDigest", row->manifest.text);
    json_put_pair_if(out, "updated", stamp);
    json_put_pair_if(out, "directory", row->dir);
}

int rows_print_json(const struct rows *rows, struct err *err)
{
    AUTO(buf_release) struct buf out = BUF_INIT(JSON_MAX);
    json_begin_array(&out);
    for (size_t i = 0; i < rows->count; i++) {
        json_begin_object(&out);
        row_put_members(&rows->items[i], &out);
        json_end_object(&out);
    }
    json_end_array(&out);
    return json_print(&out, "the list", err);
}
